;; A function without a name that only calls one which allocates is one, too; one that does more, or has a name, is not.
;; expect: heap site 1 16 2
;; expect: heap more 1 32 1
;; expect: heap named 1 48 1
(module
  (memory 1)
  (func $malloc (param $size i32) (result i32)
    (i32.shl (local.get $size) (i32.const 8)))
  (func (param i32) (result i32) (return (call $malloc (local.get 0))))
  (func $more (param $size i32) (result i32) (call $malloc (i32.add (local.get $size) (i32.const 0))))
  (func $named (param $size i32) (result i32) (call $malloc (local.get $size)))
  (func $write (param $at i32)
    (i32.store8 (local.get $at) (i32.const 1))
    (i32.store8 (local.get $at) (i32.const 2)))
  (func $site
    (call $write (call 1 (i32.const 16)))
    (call $write (i32.const 4111))
    (call $write (call $more (i32.const 32)))
    (call $write (call $named (i32.const 48))))
  (func (export "_start") (call $site)))
