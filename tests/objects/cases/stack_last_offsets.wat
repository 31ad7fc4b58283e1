;; The stack above zeroed data, without a segment: offsets within structures do not say that the stack is first.
;; expect: static - - - 1
;; expect: unallocated - - - 1
(module
  (memory 2)
  (global $__stack_pointer (mut i32) (i32.const 69728))
  (func $write (param $at i32)
    (i32.store8 offset=12 (local.get $at) (i32.const 1))
    (i32.store8 offset=12 (local.get $at) (i32.const 2)))
  (func (export "_start")
    (call $write (i32.const 1028))
    (call $write (i32.const 131000))))
