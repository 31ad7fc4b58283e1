;; two functions, and two loops of one
;; expect: dead_store one -> two next_phase constant=6
;; expect: dead_store loops -> loops next_phase
(module (memory (export "memory") 1)
  (func $one (i32.store (i32.const 88) (i32.const 5)))
  (func $two (i32.store (i32.const 88) (i32.const 6)))
  (func $loops (local $i i32)
    (loop $l (i32.store offset=200 (local.get $i) (i32.add (local.get $i) (i32.const 1)))
      (br_if $l (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 4))) (i32.const 16))))
    (local.set $i (i32.const 0))
    (loop $l (i32.store offset=200 (local.get $i) (i32.add (local.get $i) (i32.const 2)))
      (br_if $l (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 4))) (i32.const 16)))))
  (func (export "_start") (call $one) (call $two) (call $loops)))
