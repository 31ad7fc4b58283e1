(module (memory (export "memory") 1) (start $s) (func $s (i32.store (i32.const 0) (i32.const 1)) unreachable) (func (export "_start")))
