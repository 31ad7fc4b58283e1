;; functions that only copy, by what they do: words, and words that are put together from two, since the sides are not aligned alike
;; expect: dead_store func[0] -> func[0] written_again
;; expect: silent_load_after_load func[0] -> func[0] none
;; expect: silent_store func[0] -> func[0] copy_unchanged
;; expect: silent_store init -> func[1] copy_unchanged
(module (memory (export "memory") 1) (data (i32.const 100) "abcdefgh") (data (i32.const 300) "0123456789abcdef") (data (i32.const 401) "3456789a")
  (func (param $d i32) (param $s i32) (param $n i32)
    (loop $l
      (i32.store (local.get $d) (i32.load (local.get $s)))
      (local.set $d (i32.add (local.get $d) (i32.const 4)))
      (local.set $s (i32.add (local.get $s) (i32.const 4)))
      (br_if $l (local.tee $n (i32.sub (local.get $n) (i32.const 4))))))
  (func (param $d i32) (param $s i32) (param $n i32) (local $w i32) (local $x i32)
    (local.set $w (i32.load (local.get $s)))
    (loop $l
      (i32.store (local.get $d) (i32.or (i32.shr_u (local.get $w) (i32.const 24))
        (i32.shl (local.tee $x (i32.load offset=4 (local.get $s))) (i32.const 8))))
      (local.set $w (local.get $x))
      (local.set $d (i32.add (local.get $d) (i32.const 4)))
      (local.set $s (i32.add (local.get $s) (i32.const 4)))
      (br_if $l (local.tee $n (i32.sub (local.get $n) (i32.const 4))))))
  (func (export "_start")
    (call 0 (i32.const 200) (i32.const 100) (i32.const 8)) (call 0 (i32.const 200) (i32.const 100) (i32.const 8))
    (call 1 (i32.const 401) (i32.const 300) (i32.const 8))))
