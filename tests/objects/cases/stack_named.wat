;; AssemblyScript's stack pointer and heap by their names; another global without a name looks like a stack pointer.
;; expect: stack site - - 1
;; expect: static - - - 1
;; expect: unallocated - - - 1
(module
  (memory 2)
  (global (mut i32) (i32.const 1056))
  (global $~lib/memory/__stack_pointer (mut i32) (i32.const 34816))
  (global $~lib/memory/__heap_base i32 (i32.const 40000))
  (func $other (global.set 0 (i32.sub (global.get 0) (i32.const 16))))
  (func $write (param $at i32)
    (i32.store8 (local.get $at) (i32.const 1))
    (i32.store8 (local.get $at) (i32.const 2)))
  (func $site
    (global.set 1 (i32.sub (global.get 1) (i32.const 8)))
    (call $write (global.get 1))
    (global.set 1 (i32.add (global.get 1) (i32.const 8)))
    (call $write (i32.const 39999))
    (call $write (i32.const 40000)))
  (func (export "_start") (call $other) (call $site)))
