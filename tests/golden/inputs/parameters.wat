;; Functions that no words of a command line fit.
(module
  (memory (export "memory") 1)
  (func (export "_start") (param i32) (i32.store (i32.const 0) (local.get 0)))
  (func (export "vector") (param v128) (v128.store (i32.const 0) (local.get 0)))
  (func (export "reference") (param i32 externref) (i32.store (i32.const 0) (local.get 0)))
  (func (export "numbers") (param i64 f32 f64) (result i64 f32 f64) (local.get 0) (local.get 1) (local.get 2))
  (func (export "results") (result i32 f32 i64 f64 v128 externref)
    (i32.const -1) (f32.const 0.1) (i64.const -9223372036854775808) (f64.const 0.1) (v128.const i64x2 1 2)
    (ref.null extern)))
