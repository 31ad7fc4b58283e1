;; memory.copy and load-and-store of what is there already
;; expect: silent_store init -> bulk copy_unchanged
;; expect: silent_store init -> words copy_unchanged
(module (memory (export "memory") 1) (data (i32.const 100) "abcdabcd")
  (func $bulk (memory.copy (i32.const 104) (i32.const 100) (i32.const 4)))
  (func $words (param $from i32) (param $to i32) (i32.store (local.get $to) (i32.load (local.get $from))))
  (func (export "_start") (call $bulk) (call $words (i32.const 200) (i32.const 300))))
