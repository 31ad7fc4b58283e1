;; near miss: the local that holds the frame is written twice, the second time in a block that does not run
;; expect: silent_load_after_store f -> f none
(module (memory (export "memory") 1) (global $__stack_pointer (mut i32) (i32.const 4096))
  (func $f (param $no i32) (local $frame i32)
    (local.set $frame (i32.sub (global.get $__stack_pointer) (i32.const 16)))
    (if (local.get $no) (then (local.set $frame (i32.const 0))))
    (i32.store offset=12 (local.get $frame) (i32.const 41))
    (drop (i32.load offset=12 (local.get $frame))))
  (func (export "_start") (call $f (i32.const 0))))
