;; zeroed by an allocator, then written by the program
;; expect: dead_store calloc -> put initialised_overwritten
;; expect: silent_store init -> calloc housekeeping constant=0
(module (memory (export "memory") 1)
  (func $calloc (param $p i32) (i64.store (local.get $p) (i64.const 0)))
  (func $put (param $p i32) (param $v i64) (i64.store (local.get $p) (local.get $v)))
  (func (export "_start") (call $calloc (i32.const 800)) (call $put (i32.const 800) (i64.const 5))))
