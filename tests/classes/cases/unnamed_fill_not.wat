;; near misses: what is stored changes from round to round, comes from memory, or the function calls another
;; expect: dead_store counts -> put next_phase constant=-3
;; expect: dead_store counts -> put next_phase constant=-4
;; expect: dead_store loads -> put next_phase constant=-3
;; expect: dead_store loads -> put next_phase constant=-4
;; expect: silent_load_after_load loads -> loads loop_invariant_load
;; expect: dead_store calls -> put next_phase constant=-3
;; expect: dead_store calls -> put next_phase constant=-4
(module (memory (export "memory") 1) (data (i32.const 0) "\07\07\07\07")
  (func $put (param $d i32)
    (i32.store (local.get $d) (i32.const -3)) (i32.store offset=4 (local.get $d) (i32.const -4)))
  (func $counts (param $d i32) (param $n i32)
    (loop $l
      (i32.store (local.get $d) (local.get $n))
      (local.set $d (i32.add (local.get $d) (i32.const 4)))
      (br_if $l (local.tee $n (i32.sub (local.get $n) (i32.const 1))))))
  (func $loads (param $d i32) (param $n i32)
    (loop $l
      (i32.store (local.get $d) (i32.add (i32.load (i32.const 0)) (local.get $n)))
      (local.set $d (i32.add (local.get $d) (i32.const 4)))
      (br_if $l (local.tee $n (i32.sub (local.get $n) (i32.const 1))))))
  (func $nothing)
  (func $calls (param $d i32) (param $c i32) (param $n i32)
    (loop $l
      (i32.store (local.get $d) (local.get $c))
      (call $nothing)
      (local.set $d (i32.add (local.get $d) (i32.const 4)))
      (br_if $l (local.tee $n (i32.sub (local.get $n) (i32.const 1))))))
  (func (export "_start")
    (call $counts (i32.const 512) (i32.const 2)) (call $put (i32.const 512))
    (call $loads (i32.const 640) (i32.const 2)) (call $put (i32.const 640))
    (call $calls (i32.const 768) (i32.const 9) (i32.const 2)) (call $put (i32.const 768))))
