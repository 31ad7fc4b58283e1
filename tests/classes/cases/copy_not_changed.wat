;; near misses: the value is changed on its way, or only half of it is stored
;; expect: silent_store init -> changed same_value
;; expect: silent_store init -> half same_value
(module (memory (export "memory") 1)
  (func $changed (param $from i32) (param $to i32) (i32.store (local.get $to) (i32.shr_u (i32.load (local.get $from)) (i32.const 1))))
  (func $half (param $from i32) (param $to i32) (i32.store16 (local.get $to) (i32.load (local.get $from))))
  (func (export "_start") (call $changed (i32.const 200) (i32.const 300)) (call $half (i32.const 400) (i32.const 500))))
