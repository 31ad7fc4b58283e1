;; Is not given memory, and does not mind.
(module
  (memory (export "memory") 1)
  (func (export "_start")
    (drop (memory.grow (i32.const 20)))
    (loop $again (i32.store (i32.const 8) (i32.const 1)) (br $again))))
