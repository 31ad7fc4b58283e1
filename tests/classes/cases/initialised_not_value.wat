;; near miss: the loop stores no constant, so it is a phase
;; expect: dead_store fill -> put next_phase
(module (memory (export "memory") 1)
  (func $fill (local $i i32)
    (loop $l
      (i32.store offset=256 (local.get $i) (i32.add (local.get $i) (i32.const 1)))
      (br_if $l (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 4))) (i32.const 16)))))
  (func $put (local $i i32)
    (loop $l
      (i32.store offset=256 (local.get $i) (i32.or (local.get $i) (i32.const 64)))
      (br_if $l (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 4))) (i32.const 16)))))
  (func (export "_start") (call $fill) (call $put)))
