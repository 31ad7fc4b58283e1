;; function 0 is shared between threads: it cannot use what records its accesses (at offset 0x22)
(module
  (type $f (shared (func)))
  (memory 1 1 shared)
  (func (type $f) (i32.store (i32.const 8) (i32.const 1))))
