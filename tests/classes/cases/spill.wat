;; slots of a frame, as unoptimised code has them
;; unoptimised
;; expect: silent_load_after_store f -> f spill_reload base=local 0 (frame) + 12, in the function's frame
;; expect: silent_load_after_load f -> f spill_reload
(module (memory (export "memory") 1) (global $__stack_pointer (mut i32) (i32.const 4096))
  (func $f (local $frame i32) (local $size i32)
    (local.set $size (i32.const 16))
    (local.set $frame (i32.sub (global.get $__stack_pointer) (local.get $size)))
    (i32.store offset=12 (local.get $frame) (i32.const 41))
    (drop (i32.load offset=12 (local.get $frame)))
    (block (drop (i32.load offset=12 (local.get $frame)))))
  (func (export "_start") (call $f)))
