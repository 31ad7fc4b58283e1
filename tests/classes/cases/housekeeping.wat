;; both sides in allocators; and, the near miss, one in a function whose name only begins so
;; expect: silent_load_after_load malloc -> free housekeeping
;; expect: silent_load_after_load free -> malloc_count none
(module (memory (export "memory") 1)
  (func $malloc (drop (i32.load (i32.const 16))))
  (func $free (drop (i32.load (i32.const 16))))
  (func $malloc_count (drop (i32.load (i32.const 16))))
  (func (export "_start") (call $malloc) (call $free) (call $malloc_count)))
