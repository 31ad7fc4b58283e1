;; Two globals look like a stack pointer that is never set: neither is taken.
;; expect: unallocated - - - 1
(module
  (memory 2)
  (global (mut i32) (i32.const 69728))
  (global (mut i32) (i32.const 4096))
  (data (i32.const 1024) "abcd")
  (func (export "_start")
    (i32.store8 (i32.const 2000) (i32.const 1))
    (i32.store8 (i32.const 2000) (i32.const 2))))
