;; an import is shared between threads: it cannot have a function around it that records
(module
  (import "a" "b" (func (type $f)))
  (type $f (shared (func)))
  (memory 1 1 shared)
  (func (i32.store (i32.const 8) (i32.const 1)) (call 0)))
