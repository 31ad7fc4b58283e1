;; The stack first, and data that is zeroed, all of it: no segment says where.
;; expect: static - - - 2
(module
  (memory 2)
  (global (mut i32) (i32.const 65536))
  (func $frame (local $sp i32)
    (global.set 0 (local.tee $sp (i32.sub (global.get 0) (i32.const 16))))
    (global.set 0 (i32.add (local.get $sp) (i32.const 16))))
  (func $write (param $i i32)
    (i32.store8 offset=70000 (local.get $i) (i32.const 1))
    (i32.store8 offset=70000 (local.get $i) (i32.const 2)))
  (func (export "_start")
    (call $frame)
    (call $write (i32.const 0))
    (call $write (i32.const 40000))))
