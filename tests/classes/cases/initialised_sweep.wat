;; a loop that stores a constant over moving addresses, then stores of computed values
;; expect: dead_store clear -> put initialised_overwritten
(module (memory (export "memory") 1)
  (func $clear (local $i i32)
    (loop $l
      (i32.store offset=256 (local.get $i) (i32.const 7))
      (br_if $l (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 4))) (i32.const 16)))))
  (func $put (local $i i32)
    (loop $l
      (i32.store offset=256 (local.get $i) (i32.or (local.get $i) (i32.const 64)))
      (br_if $l (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 4))) (i32.const 16)))))
  (func (export "_start") (call $clear) (call $put)))
