;; The stack above the data: constants say nothing of where the heap begins, the stack does.
;; expect: static - - - 1
;; expect: unallocated - - - 1
(module
  (memory 2)
  (global (mut i32) (i32.const 70000))
  (data (i32.const 1024) "0123456789abcdef")
  (func $frame (local $sp i32)
    (global.set 0 (local.tee $sp (i32.sub (global.get 0) (i32.const 16))))
    (global.set 0 (i32.add (local.get $sp) (i32.const 16))))
  (func $init (param $end i32)
    (i32.store (i32.const 1040) (i32.const 80000))
    (i32.store (i32.const 1044) (i32.sub (local.get $end) (i32.const 80000))))
  (func $write (param $at i32)
    (i32.store8 (local.get $at) (i32.const 1))
    (i32.store8 (local.get $at) (i32.const 2)))
  (func (export "_start")
    (call $frame)
    (call $init (i32.const 131072))
    (call $write (i32.const 1048))
    (call $write (i32.const 70016))))
