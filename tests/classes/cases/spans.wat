;; How far apart redundant loads are: a field of many structures, read once in each round; a value that is read twice in one expression, in one function
;; and in two; one place that each round reads; a few places in turn, in each round of a large loop.
;; expect: silent_load_after_load field -> field none span=far places=500
;; expect: silent_load_after_load twice -> twice none span=same_round places=1
;; expect: silent_load_after_load twice -> twice none span=between_rounds places=1
;; expect: silent_load_after_load caller -> callee none span=same_round places=1
;; expect: silent_load_after_load callee -> caller none span=between_rounds places=1
;; expect: silent_load_after_load few -> few none span=far places=5
(module
  (memory (export "memory") 1)
  ;; the field at 8 of 500 structures of 16 bytes
  (global $sum (mut i32) (i32.const 0))
  (func $field (local $at i32)
    (local.set $at (i32.const 1024))
    (loop $l
      (global.set $sum (i32.load offset=8 (local.get $at)))
      (br_if $l (i32.lt_u (local.tee $at (i32.add (local.get $at) (i32.const 16))) (i32.const 9024)))))
  (func $few (local $at i32)
    (local.set $at (i32.const 512))
    (loop $l
      (global.set $sum (i32.load (local.get $at)))
      (br_if $l (i32.lt_u (local.tee $at (i32.add (local.get $at) (i32.const 4))) (i32.const 532)))))
  (func $twice (param $p i32) (result i32)
    (i32.mul (i32.load (local.get $p)) (i32.add (i32.load (local.get $p)) (i32.const 1))))
  (func $callee (drop (i32.load (i32.const 64))))
  (func $caller (drop (i32.load (i32.const 64))) (call $callee))
  (func (export "_start") (local $round i32)
    (loop $rounds
      (call $field)
      (drop (call $twice (i32.const 32)))
      (call $caller)
      (call $few)
      (br_if $rounds (i32.lt_u (local.tee $round (i32.add (local.get $round) (i32.const 1))) (i32.const 30))))))
