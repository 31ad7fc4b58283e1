;; near miss: a word that is changed on its way
;; expect: silent_store init -> changes same_value
(module (memory (export "memory") 1) (data (i32.const 100) "abcd") (data (i32.const 200) "bbcd")
  (func $changes (param $d i32) (param $s i32) (param $n i32)
    (loop $l
      (i32.store (local.get $d) (i32.add (i32.load (local.get $s)) (i32.const 1)))
      (local.set $d (i32.add (local.get $d) (i32.const 4)))
      (local.set $s (i32.add (local.get $s) (i32.const 4)))
      (br_if $l (local.tee $n (i32.sub (local.get $n) (i32.const 4))))))
  (func (export "_start") (call $changes (i32.const 200) (i32.const 100) (i32.const 4))))
