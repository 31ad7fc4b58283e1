(module (memory (export "memory") 1 1 shared) (func (export "_start") (i32.store (i32.const 0) (i32.const 1)) (drop (memory.atomic.wait32 (i32.const 0) (i32.const 1) (i64.const -1)))))
