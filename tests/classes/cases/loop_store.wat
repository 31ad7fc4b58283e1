;; one place in each round of a loop
;; expect: dead_store sum -> sum loop_invariant_store base=local 0 (p) + 8
(module (memory (export "memory") 1)
  (func $sum (param $p i32) (local $i i32)
    (loop $l
      (i32.store offset=8 (local.get $p) (i32.add (local.get $i) (i32.const 100)))
      (br_if $l (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 10)))))
  (func (export "_start") (call $sum (i32.const 400))))
