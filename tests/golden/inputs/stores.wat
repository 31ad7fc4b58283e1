(module (memory (export "memory") 1) (func (export "_start") (loop (i32.store (i32.const 0) (i32.const 1)) (br 0))))
