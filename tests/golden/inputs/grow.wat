;; Grows by 16 pages at a time until that fails, and leaves with the number of pages that there are then.
(module
  (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
  (memory (export "memory") 1)
  (func (export "_start")
    (i32.store (i32.const 8) (i32.const 1))
    (block $full
      (loop $again
        (br_if $full (i32.eq (memory.grow (i32.const 16)) (i32.const -1)))
        (i32.store (i32.const 8) (memory.size))
        (br $again)))
    (call $exit (i32.load (i32.const 8)))))
