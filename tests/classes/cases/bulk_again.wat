;; memory.fill and memory.copy over themselves: unread, and with what is there
;; expect: silent_store init -> zero fill_unchanged constant=0
;; expect: dead_store zero -> zero written_again constant=0
;; expect: silent_store zero -> zero fill_unchanged constant=0
;; expect: dead_store copy -> copy written_again
;; expect: silent_store copy -> copy copy_unchanged
;; expect: silent_store init -> init_segment fill_unchanged
(module (memory (export "memory") 1) (data (i32.const 100) "abcdefgh") (data $d "\00\00\00\00")
  (func $zero (memory.fill (i32.const 512) (i32.const 0) (i32.const 64)))
  (func $copy (memory.copy (i32.const 200) (i32.const 100) (i32.const 8)))
  (func $init_segment (memory.init $d (i32.const 700) (i32.const 0) (i32.const 4)))
  (func (export "_start") (call $zero) (call $zero) (call $copy) (call $copy) (call $init_segment)))
