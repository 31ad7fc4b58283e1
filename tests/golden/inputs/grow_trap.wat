;; Asks for more than its own maximum, then for more than it may get under --max-memory, and traps when it does not.
(module
  (memory (export "memory") 1 40)
  (func (export "_start")
    (drop (memory.grow (i32.const 100)))
    (i32.store (i32.const 8) (i32.const 1))
    (if (i32.eq (memory.grow (i32.const 20)) (i32.const -1)) (then (unreachable)))))
