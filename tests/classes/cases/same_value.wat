;; constants, with their values, and what is computed
;; expect: silent_store init -> zero same_value constant=0
;; expect: silent_store five -> five same_value constant=-5
;; expect: silent_store half -> half same_value constant=0.5
;; expect: silent_store any -> any same_value
;; expect: dead_store five -> five none constant=-5
;; expect: dead_store half -> half none constant=0.5
;; expect: dead_store any -> any none
(module (memory (export "memory") 1)
  (func $zero (i64.store (i32.const 80) (i64.const 0)))
  (func $five (i32.store (i32.const 88) (i32.const -5)))
  (func $half (f64.store (i32.const 96) (f64.const 0.5)))
  (func $any (param i32) (i32.store (i32.const 104) (i32.add (local.get 0) (i32.const 1))))
  (func (export "_start") (call $zero) (call $five) (call $five) (call $half) (call $half) (call $any (i32.const 7)) (call $any (i32.const 7))))
