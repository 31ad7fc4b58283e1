;; The stack below the data, and no allocator: all of the memory that the module begins with is static, and what grows is not.
;; expect: static - - - 2
;; expect: unallocated - - - 1
(module
  (memory 2)
  (global (mut i32) (i32.const 65536))
  (data (i32.const 65536) "0123456789abcdef")
  (func $frame (local $sp i32)
    (global.set 0 (local.tee $sp (i32.sub (global.get 0) (i32.const 16))))
    (global.set 0 (i32.add (local.get $sp) (i32.const 16))))
  (func $write (param $at i32)
    (i32.store8 (local.get $at) (i32.const 1))
    (i32.store8 (local.get $at) (i32.const 2)))
  (func (export "_start")
    (call $frame)
    (drop (memory.grow (i32.const 1)))
    (call $write (i32.const 65552))
    (call $write (i32.const 131071))
    (call $write (i32.const 131072))))
