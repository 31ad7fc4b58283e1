;; a length that is looked for twice, by functions without names: with a pointer, and with an index
;; expect: silent_load_after_load func[0] -> func[0] read_again
;; expect: silent_load_after_load func[1] -> func[1] read_again
(module (memory (export "memory") 1) (data (i32.const 100) "abcd\00") (data (i32.const 200) "efgh\00")
  (func (param $s i32) (result i32) (local $e i32)
    (local.set $e (local.get $s))
    (block $out (loop $l
      (br_if $out (i32.eqz (i32.load8_u (local.get $e))))
      (local.set $e (i32.add (local.get $e) (i32.const 1)))
      (br $l)))
    (i32.sub (local.get $e) (local.get $s)))
  (func (param $s i32) (result i32) (local $i i32) (local $at i32)
    (loop $l
      (local.set $at (i32.add (local.get $s) (local.get $i)))
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br_if $l (i32.load8_u (local.get $at))))
    (local.get $i))
  (func (export "_start") (drop (call 0 (i32.const 100))) (drop (call 0 (i32.const 100)))
    (drop (call 1 (i32.const 200))) (drop (call 1 (i32.const 200)))))
