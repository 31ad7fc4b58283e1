(module (memory (export "memory") 1) (func $s (i32.store (i32.const 0) (i32.const 1)) (loop (br 0))) (start $s) (func (export "_start")))
