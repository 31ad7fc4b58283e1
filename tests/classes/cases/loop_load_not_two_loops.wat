;; near misses: two loops, and the address of an outer loop's load made anew by an inner one
;; expect: silent_load_after_load twice -> twice none
;; expect: silent_load_after_load inner -> inner none
(module (memory (export "memory") 1) (data (i32.const 0) "abcdefgh")
  (func $put (i64.store (i32.const 600) (i64.const 1)))
  (func $twice (param $p i32) (local $n i32)
    (loop $l (drop (i32.load (local.get $p))) (br_if $l (local.get $n)))
    (loop $m (drop (i32.load (local.get $p))) (br_if $m (local.get $n))))
  (func $inner (param $p i32) (local $i i32)
    (loop $l
      (drop (i32.load (local.get $p)))
      (block $b (loop $m (local.set $p (local.get $p)) (br_if $m (i32.const 0))))
      (br_if $l (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 3)))))
  (func (export "_start") (call $twice (i32.const 600)) (call $inner (i32.const 700))))
