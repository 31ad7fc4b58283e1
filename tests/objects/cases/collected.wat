;; AssemblyScript: an object has a header of 16 bytes, and what is freed is the header's address; the collector runs inside of __new.
;; expect: heap site 1 16 1
;; expect: heap site 1 16 1
;; expect: unallocated - - - 2
(module
  (memory 1)
  (global $next (mut i32) (i32.const 4096))
  (func $~lib/rt/tlsf/__free (param $block i32))
  (func $~lib/rt/tlsf/__alloc (param $size i32) (result i32)
    (global.get $next)
    (global.set $next (i32.add (global.get $next) (i32.const 64))))
  (func $~lib/rt/itcms/__new (param $size i32) (param $id i32) (result i32)
    (if (local.get $id) (then (call $~lib/rt/tlsf/__free (local.get $id))))
    (i32.add (call $~lib/rt/tlsf/__alloc (i32.add (local.get $size) (i32.const 16))) (i32.const 16)))
  (func $write (param $at i32)
    (i32.store8 (local.get $at) (i32.const 1))
    (i32.store8 (local.get $at) (i32.const 2)))
  (func $allocate (param $free i32) (drop (call $~lib/rt/itcms/__new (i32.const 16) (local.get $free))))
  (func $site
    (drop (call $~lib/rt/itcms/__new (i32.const 16) (i32.const 0)))    ;; 4112
    (drop (call $~lib/rt/itcms/__new (i32.const 16) (i32.const 4096))) ;; frees it
    (call $write (i32.const 4112))
    (call $write (i32.const 4176))
    (drop (call $~lib/rt/itcms/__new (i32.const 16) (i32.const 4500))) ;; frees nothing that is known
    (call $write (i32.const 4240))
    (call $write (i32.const 4224)))                                   ;; the third one's header
  (func (export "_start") (call $site)))
