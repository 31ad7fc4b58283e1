;; The stack below the data, no names: the heap begins at the highest address that is subtracted or kept, and that more than once;
;; a mask is none, nor is what is kept once.
;; expect: static - - - 2
;; expect: unallocated - - - 1
(module
  (memory 2)
  (global (mut i32) (i32.const 65536))
  (data (i32.const 65536) "0123456789abcdef")
  (func $frame (local $sp i32)
    (global.set 0 (local.tee $sp (i32.sub (global.get 0) (i32.const 16))))
    (global.set 0 (i32.add (local.get $sp) (i32.const 16))))
  (func $init (param $end i32)
    (i32.store (i32.const 65556) (i32.const 66000))
    (i32.store (i32.const 65560) (i32.sub (local.get $end) (i32.const 66000)))
    (i32.store (i32.const 65564) (i32.const 66048)))
  (func $write (param $at i32)
    (i32.store8 (local.get $at) (i32.const 1))
    (i32.store8 (local.get $at) (i32.const 2)))
  (func (export "_start")
    (call $frame)
    (call $init (i32.and (i32.const 131072) (i32.const 131056)))
    (call $write (i32.const 65568))
    (call $write (i32.const 65999))
    (call $write (i32.const 66000))))
