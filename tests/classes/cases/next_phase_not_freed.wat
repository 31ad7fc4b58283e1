;; near miss: what the program left in a block that is freed
;; expect: dead_store put -> free none constant=6
;; expect: dead_store free -> put none
(module (memory (export "memory") 1)
  (func $put (param $v i32) (i32.store (i32.const 88) (local.get $v)))
  (func $free (i32.store (i32.const 88) (i32.const 6)))
  (func (export "_start") (call $put (i32.const 1)) (call $free) (call $put (i32.const 1))))
