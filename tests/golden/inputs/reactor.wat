;; _initialize sets what f adds to its argument.
(module
  (memory (export "memory") 1)
  (func (export "_initialize") (i32.store (i32.const 0) (i32.add (i32.load (i32.const 0)) (i32.const 40))))
  (func (export "f") (param i32) (result i32) (i32.add (local.get 0) (i32.load (i32.const 0)))))
