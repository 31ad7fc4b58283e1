;; a length that is looked for twice, by a function without a name
;; expect: silent_load_after_load func[0] -> func[0] read_again
(module (memory (export "memory") 1) (data (i32.const 100) "abcd\00")
  (func (param $s i32) (result i32) (local $e i32)
    (local.set $e (local.get $s))
    (block $out (loop $l
      (br_if $out (i32.eqz (i32.load8_u (local.get $e))))
      (local.set $e (i32.add (local.get $e) (i32.const 1)))
      (br $l)))
    (i32.sub (local.get $e) (local.get $s)))
  (func (export "_start") (drop (call 0 (i32.const 100))) (drop (call 0 (i32.const 100)))))
