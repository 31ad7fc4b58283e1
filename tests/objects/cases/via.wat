;; functions through which others allocate, as --alloc says; of several the outermost counts, and what comes after them is not by way of them
;; options: --alloc make=via --alloc get=via
;; expect: heap first 1 16 1
;; expect: heap second 1 16 1
;; expect: heap third 1 16 1
(module
  (memory 1)
  (global $next (mut i32) (i32.const 4096))
  (func $malloc (param $size i32) (result i32)
    (global.get $next)
    (global.set $next (i32.add (global.get $next) (i32.const 16))))
  (func $get (param $size i32) (result i32 i32) (call $malloc (local.get $size)) (i32.const 0))
  (func $make (param $size i32) (result i32) (call $get (local.get $size)) (drop))
  (func $write (param $at i32)
    (i32.store8 (local.get $at) (i32.const 1))
    (i32.store8 (local.get $at) (i32.const 2)))
  (func $first (call $write (call $make (i32.const 16))))
  (func $second (call $write (call $malloc (i32.const 16))))
  (func $third (drop (call $get (i32.const 16))) (call $write))
  (func (export "_start") (call $first) (call $second) (call $third)))
