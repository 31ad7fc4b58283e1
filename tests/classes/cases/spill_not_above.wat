;; near misses: above what the stack pointer was (the caller's), and behind a call that may have moved it
;; expect: silent_load_after_store above -> above none base=local 0 + 16
;; expect: silent_load_after_store late -> late none
(module (memory (export "memory") 1) (global $__stack_pointer (mut i32) (i32.const 4096))
  (func $nothing)
  (func $above (local i32)
    (local.set 0 (i32.sub (global.get $__stack_pointer) (i32.const 16)))
    (i32.store offset=16 (local.get 0) (i32.const 41))
    (drop (i32.load offset=16 (local.get 0))))
  (func $late (local i32)
    (call $nothing)
    (local.set 0 (i32.sub (global.get $__stack_pointer) (i32.const 16)))
    (i32.store offset=8 (local.get 0) (i32.const 41))
    (drop (i32.load offset=8 (local.get 0))))
  (func (export "_start") (call $above) (call $late)))
