;; A global that is never set and lies within data, or behind the memory, is no stack's end.
;; expect: unallocated - - - 1
(module
  (memory 2)
  (global (mut i32) (i32.const 1040))
  (global (mut i32) (i32.const 131088))
  (data (i32.const 1024) "a constant with more than 16 letters")
  (func (export "_start")
    (i32.store8 (i32.const 2000) (i32.const 1))
    (i32.store8 (i32.const 2000) (i32.const 2))))
