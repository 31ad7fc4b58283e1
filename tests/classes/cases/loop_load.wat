;; loaded anew in each round, from a parameter, a constant address, and an inner loop's base that the outer loop sets
;; expect: silent_load_after_load param -> param loop_invariant_load base=local 0 + 4
;; expect: silent_load_after_load fixed -> fixed loop_invariant_load base=address 1024
;; expect: silent_load_after_load nested -> nested loop_invariant_load
;; expect: silent_load_after_store start -> param none
;; expect: silent_load_after_store start -> fixed none
;; expect: silent_load_after_store start -> nested none
;; expect: silent_load_after_store start -> nested none
(module (memory (export "memory") 1)
  (func $start (i32.store (i32.const 1028) (i32.const 3)) (i32.store (i32.const 1024) (i32.const 5))
    (i32.store (i32.const 2000) (i32.const 8)) (i32.store (i32.const 2004) (i32.const 8)))
  (func $param (param i32) (local i32)
    (loop $l (drop (i32.load offset=4 (local.get 0)))
      (br_if $l (i32.lt_u (local.tee 1 (i32.add (local.get 1) (i32.const 1))) (i32.const 10)))))
  (func $fixed (local i32)
    (loop $l (drop (i32.load (i32.const 1024)))
      (br_if $l (i32.lt_u (local.tee 0 (i32.add (local.get 0) (i32.const 1))) (i32.const 10)))))
  (func $nested (local $p i32) (local $i i32) (local $j i32)
    (loop $outer
      (local.set $p (i32.add (i32.const 2000) (i32.shl (local.get $i) (i32.const 2))))
      (local.set $j (i32.const 0))
      (loop $inner (drop (i32.load (local.get $p)))
        (br_if $inner (i32.lt_u (local.tee $j (i32.add (local.get $j) (i32.const 1))) (i32.const 10))))
      (br_if $outer (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 2)))))
  (func (export "_start") (call $start) (call $param (i32.const 1024)) (call $fixed) (call $nested)))
