;; The stack first, all data zeroed, and its address only where it is passed on, as without optimisation: the stack's end tells.
;; expect: static - - - 1
(module
  (memory 2)
  (global (mut i32) (i32.const 65536))
  (func $write (param $at i32) (local $sp i32) (local $size i32)
    (local.set $size (i32.const 16))
    (local.set $sp (i32.sub (global.get 0) (local.get $size)))
    (global.set 0 (local.get $sp))
    (i32.store8 (local.get $at) (i32.const 1))
    (i32.store8 (local.get $at) (i32.const 2))
    (global.set 0 (i32.add (local.get $sp) (local.get $size))))
  (func (export "_start") (call $write (i32.const 65552))))
