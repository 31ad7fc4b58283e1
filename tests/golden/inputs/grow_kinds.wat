;; A memory of each kind that the module defines, and one that it imports: each but that grows by a page at a time until it fails.
(module
  (import "env" "memory" (memory $imported 3 9))
  (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
  (export "memory" (memory $imported))
  (memory $shared 1 9 shared)
  (memory $wide i64 1)
  (memory $tiny 10 100 (pagesize 1))
  (func (export "_start")
    (loop $again (br_if $again (i32.ne (memory.grow $shared (i32.const 1)) (i32.const -1))))
    (loop $again (br_if $again (i64.ne (memory.grow $wide (i64.const 1)) (i64.const -1))))
    (loop $again (br_if $again (i32.ne (memory.grow $tiny (i32.const 1)) (i32.const -1))))
    (drop (memory.grow $imported (i32.const 6)))
    (i32.store $shared (i32.const 0) (i32.const 1))
    ;; shared + 10 x wide + tiny (100 bytes at most, whatever the limit) + imported
    (call $exit
      (i32.add
        (i32.add (memory.size $shared) (i32.mul (i32.const 10) (i32.wrap_i64 (memory.size $wide))))
        (i32.add (i32.sub (memory.size $tiny) (i32.const 100)) (i32.mul (i32.const 3) (memory.size $imported)))))))
