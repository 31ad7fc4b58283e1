;; Runs away.
(module (memory (export "memory") 1) (func $f (export "_start") (i32.store (i32.const 0) (i32.const 1)) (call $f) (i32.store (i32.const 4) (i32.const 2))))
