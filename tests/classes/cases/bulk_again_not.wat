;; near misses: what was filled in was read in between; two fills of two places; a copy over a fill
;; expect: silent_store read -> read fill_unchanged constant=7
;; expect: silent_load_after_load get -> get none
;; expect: silent_load_after_store read -> get none mark=copied
;; expect: dead_store one -> two initialised_overwritten constant=2
;; expect: dead_store three -> copy initialised_overwritten
(module (memory (export "memory") 1) (data (i32.const 100) "abcd")
  (func $read (memory.fill (i32.const 512) (i32.const 7) (i32.const 4)))
  (func $get (drop (i32.load (i32.const 512))))
  (func $one (memory.fill (i32.const 600) (i32.const 1) (i32.const 4)))
  (func $two (memory.fill (i32.const 600) (i32.const 2) (i32.const 4)))
  (func $three (memory.fill (i32.const 700) (i32.const 3) (i32.const 4)))
  (func $copy (memory.copy (i32.const 700) (i32.const 100) (i32.const 4)))
  (func (export "_start") (call $read) (call $get) (call $get) (call $read) (call $one) (call $two) (call $three) (call $copy)))
