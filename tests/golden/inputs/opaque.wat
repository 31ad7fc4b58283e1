;; A store is not dead, and a load not silent, across a call that nobody knows.
(module (import "env" "f" (func $f (result i32))) (memory (export "memory") 1)
  (func (export "_start")
    (i32.store (i32.const 0) (i32.const 1))
    (drop (call $f))
    (i32.store (i32.const 0) (i32.const 2))
    (drop (i32.load (i32.const 0)))
    (drop (call $f))
    (drop (i32.load (i32.const 0)))))
