;; The same with addresses of 64 bits.
;; expect: static - - - 1
;; expect: unallocated - - - 1
(module
  (memory i64 2)
  (global (mut i64) (i64.const 65536))
  (data (i64.const 65536) "0123456789abcdef")
  (func $frame (local $sp i64)
    (global.set 0 (local.tee $sp (i64.sub (global.get 0) (i64.const 16))))
    (global.set 0 (i64.add (local.get $sp) (i64.const 16))))
  (func $init (param $end i64)
    (i64.store (i64.const 65560) (i64.const 66000))
    (i64.store (i64.const 65568) (i64.sub (local.get $end) (i64.const 66000))))
  (func $write (param $at i64)
    (i32.store8 (local.get $at) (i32.const 1))
    (i32.store8 (local.get $at) (i32.const 2)))
  (func (export "_start")
    (call $frame)
    (call $init (i64.const 131072))
    (call $write (i64.const 65999))
    (call $write (i64.const 66000))))
