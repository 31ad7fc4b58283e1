;; Where a Go program's data ends stands in its runtime.firstmoduledata.
;; expect: static - - - 2
;; expect: unallocated - - - 1
(module
  (memory 1)
  (data (i32.const 1020) "abcd\00\04\00\00\00\00\00\00\00\08\00\00\00\00\00\00\00\08\00\00\00\00\00\00\00\10\00\00\00\00\00\00\00\10\00\00\00\00\00\00\00\20\00\00\00\00\00\00\00\20\00\00\00\00\00\00\00\30\00\00\00\00\00\00\00\30\00\00\00\00\00\00\00\30\00\00\00\00\00\00\00\30\00\00\00\00\00\00\dc\05\00\00\00\00\00\00\40\06\00\00\00\00\00\00")
  (func $write (param $at i32)
    (i32.store8 (local.get $at) (i32.const 1))
    (i32.store8 (local.get $at) (i32.const 2)))
  (func (export "_start")
    (call $write (i32.const 5000))
    (call $write (i32.const 12287))
    (call $write (i32.const 12288))))
