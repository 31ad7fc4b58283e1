;; Several imports of one module, of different types and of one.
(module
  (import "a" (item "f" (func (param i32))) (item "g" (global i32)) (item "m" (memory 1)))
  (import "b" (item "x") (item "y") (func (result i32)))
  (import "c" "d" (func $d))
  (func (export "run") (i32.store (i32.const 4) (i32.load (i32.const 0))) (call $d)))
