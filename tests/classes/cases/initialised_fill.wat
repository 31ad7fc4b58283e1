;; memory.fill, then a store before any load
;; expect: dead_store clear -> put initialised_overwritten
;; expect: silent_load_after_store put -> get none
(module (memory (export "memory") 1)
  (func $clear (memory.fill (i32.const 64) (i32.const 1) (i32.const 4)))
  (func $put (param $v i32) (i32.store (i32.const 64) (local.get $v)))
  (func $get (drop (i32.load (i32.const 64))))
  (func (export "_start") (call $clear) (call $put (i32.const 9)) (call $get)))
