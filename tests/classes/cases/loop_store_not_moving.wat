;; near miss: the base is written in the loop, though with the same value
;; expect: dead_store sum -> sum none
(module (memory (export "memory") 1)
  (func $same (param i32) (result i32) (local.get 0))
  (func $sum (param $p i32) (local $i i32)
    (loop $l
      (i32.store offset=8 (local.get $p) (i32.add (local.get $i) (i32.const 100)))
      (local.set $p (call $same (local.get $p)))
      (br_if $l (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 10)))))
  (func (export "_start") (call $sum (i32.const 400))))
