;; polling, and loads of what was copied
;; expect: silent_load_after_load poll -> poll none mark=atomic
;; expect: silent_load_after_load copy -> source none mark=copied
;; expect: silent_load_after_store copy -> target none mark=copied
;; expect: silent_load_after_load target -> target loop_invariant_load
(module (memory (export "memory") 1 1 shared) (data (i32.const 100) "abcd")
  (func $poll (param i32) (local i32)
    (loop $l (drop (i32.atomic.load (local.get 0)))
      (br_if $l (i32.lt_u (local.tee 1 (i32.add (local.get 1) (i32.const 1))) (i32.const 10)))))
  (func $copy (memory.copy (i32.const 200) (i32.const 100) (i32.const 4)))
  (func $source (drop (i32.load (i32.const 100))))
  (func $target (local i32)
    (loop $l (drop (i32.load (i32.const 200)))
      (br_if $l (i32.lt_u (local.tee 0 (i32.add (local.get 0) (i32.const 1))) (i32.const 3)))))
  (func (export "_start") (call $poll (i32.const 64)) (call $copy) (call $source) (call $target)))
