;; Several globals without names could be the stack pointer: it is the one that is lowered by a constant (a program in AssemblyScript has its
;; own in front, which hold addresses of literals).
;; expect: stack site - - 1
(module
  (memory 2)
  (global (mut i32) (i32.const 1056))
  (global (mut i32) (i32.const 34816))
  (global (mut i32) (i32.const 2048))
  (func $other (global.set 0 (i32.const 1088)))
  (func $site
    (global.set 1 (i32.sub (global.get 1) (i32.const 8)))
    (i32.store8 (global.get 1) (i32.const 1))
    (i32.store8 (global.get 1) (i32.const 2))
    (global.set 1 (i32.add (global.get 1) (i32.const 8))))
  (func (export "_start") (call $other) (call $site)))
