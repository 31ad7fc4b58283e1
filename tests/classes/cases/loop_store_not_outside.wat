;; near miss: one place, but the loop is in the caller
;; expect: dead_store put -> put none
(module (memory (export "memory") 1)
  (func $put (param $v i32) (i32.store (i32.const 500) (local.get $v)))
  (func (export "_start") (local $i i32)
    (loop $l
      (call $put (i32.add (local.get $i) (i32.const 100)))
      (br_if $l (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 10))))))
