;; No function has a frame, so that the stack pointer is never set; it still tells that zeroed data lies below the heap.
;; expect: static - - - 2
;; expect: unallocated - - - 1
(module
  (memory 2)
  (global (mut i32) (i32.const 69728))
  (global (mut i32) (i32.const 0))
  (global i32 (i32.const 2048))
  (global (export "limit") (mut i32) (i32.const 4096))
  (data (i32.const 1024) "abcd")
  (func $write (param $at i32)
    (global.set 1 (local.get $at))
    (i32.store8 (local.get $at) (i32.const 1))
    (i32.store8 (local.get $at) (i32.const 2)))
  (func (export "_start")
    (call $write (i32.const 1040))
    (call $write (i32.const 4000))
    (call $write (i32.const 69728))))
