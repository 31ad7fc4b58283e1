;; near misses: straight code, and a loop within the other
;; expect: dead_store straight -> straight none constant=6
;; expect: dead_store within -> within none
(module (memory (export "memory") 1)
  (func $straight (i32.store (i32.const 88) (i32.const 5)) (i32.store (i32.const 88) (i32.const 6)))
  (func $within (param $p i32) (local $i i32)
    (loop $l
      (i32.store (local.get $p) (i32.add (local.get $i) (i32.const 9)))
      (loop $m (i32.store (local.get $p) (i32.add (local.get $i) (i32.const 20)))
        (local.set $p (i32.add (local.get $p) (i32.const 4)))
        (br_if $m (i32.const 0)))
      (br_if $l (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 2)))))
  (func (export "_start") (call $straight) (call $within (i32.const 800))))
