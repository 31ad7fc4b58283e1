;; The end of static data by its name as an export.
;; expect: static - - - 1
;; expect: unallocated - - - 1
(module
  (memory 2)
  (global (mut i32) (i32.const 65536))
  (global (export "__data_end") i32 (i32.const 65700))
  (data (i32.const 65536) "0123456789abcdef")
  (func $frame (local $sp i32)
    (global.set 0 (local.tee $sp (i32.sub (global.get 0) (i32.const 16))))
    (global.set 0 (i32.add (local.get $sp) (i32.const 16))))
  (func $write (param $at i32)
    (i32.store8 (local.get $at) (i32.const 1))
    (i32.store8 (local.get $at) (i32.const 2)))
  (func (export "_start")
    (call $frame)
    (call $write (i32.const 65696))
    (call $write (i32.const 65700))))
