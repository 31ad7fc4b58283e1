;; near misses: a loop that counts in a global leaves something behind, and a load of one place goes over nothing
;; expect: silent_load_after_load counts -> counts none
;; expect: silent_load_after_load still -> still loop_invariant_load
(module (memory (export "memory") 1) (data (i32.const 100) "abcd\00") (global $seen (mut i32) (i32.const 0))
  (func $counts (param $s i32)
    (block $out (loop $l
      (br_if $out (i32.eqz (i32.load8_u (local.get $s))))
      (global.set $seen (i32.add (global.get $seen) (i32.const 1)))
      (local.set $s (i32.add (local.get $s) (i32.const 1)))
      (br $l))))
  (func $still (param $s i32) (param $n i32)
    (loop $l
      (drop (i32.load8_u offset=8 (local.get $s)))
      (br_if $l (local.tee $n (i32.sub (local.get $n) (i32.const 1))))))
  (func (export "_start") (call $counts (i32.const 100)) (call $counts (i32.const 100)) (call $still (i32.const 100) (i32.const 3))))
