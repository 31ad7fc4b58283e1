;; a sum that is kept in memory
;; expect: silent_load_after_store sum -> sum loop_invariant_load
(module (memory (export "memory") 1)
  (func $sum (param $p i32) (local $i i32)
    (loop $l
      (i32.store (local.get $p) (i32.add (i32.load (local.get $p)) (i32.const 3)))
      (br_if $l (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 10)))))
  (func (export "_start") (call $sum (i32.const 400))))
