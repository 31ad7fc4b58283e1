;; Zig's allocators, one as an unoptimised build has it (with one more parameter); std.mem.Allocator's functions are passed over
;; expect: heap site 1 16 2
;; expect: heap site 1 32 2
;; expect: unallocated - - - 3
(module
  (memory 1)
  (func $heap.WasmAllocator.alloc (param $self i32) (param $size i32) (param $align i32) (param $ret i32) (result i32)
    (i32.const 4096))
  (func $heap.WasmAllocator.resize (param $self i32) (param $at i32) (param $size i32) (param $align i32) (param $new i32)
      (param $ret i32) (result i32)
    (i32.le_u (local.get $new) (i32.const 32)))
  (func $heap.PageAllocator.remap (param $trace i32) (param $self i32) (param $at i32) (param $size i32) (param $align i32)
      (param $new i32) (param $ret i32) (result i32)
    (i32.const 0))
  (func $heap.debug_allocator.DebugAllocator.free (param $trace i32) (param $self i32) (param $at i32) (param $size i32)
      (param $align i32) (param $ret i32))
  (func $mem.Allocator.create__anon_17 (result i32)
    (call $mem.Allocator.rawAlloc (i32.const 16)))
  (func $mem.Allocator.rawAlloc (param $size i32) (result i32)
    (call $heap.WasmAllocator.alloc (i32.const 0) (local.get $size) (i32.const 2) (i32.const 0)))
  (func $write (param $at i32)
    (i32.store8 (local.get $at) (i32.const 1))
    (i32.store8 (local.get $at) (i32.const 2)))
  (func $resize (param $size i32) (result i32)
    (call $heap.WasmAllocator.resize (i32.const 0) (i32.const 4096) (i32.const 16) (i32.const 2) (local.get $size) (i32.const 0)))
  (func $site
    (drop (call $mem.Allocator.create__anon_17))
    (call $write (i32.const 4108))
    (call $write (i32.const 4112))                    ;; behind it
    (drop (call $heap.WasmAllocator.resize            ;; does nothing
      (i32.const 0) (i32.const 4096) (i32.const 16) (i32.const 2) (i32.const 64) (i32.const 0)))
    (call $write (i32.const 4111))
    (drop (call $mem.Allocator.resize__anon_3))
    (call $write (i32.const 4116))                    ;; has become part of it
    (drop (call $heap.PageAllocator.remap (i32.const 0) (i32.const 0) (i32.const 4096) (i32.const 32) (i32.const 2) (i32.const 99)
      (i32.const 0)))                                 ;; fails
    (call $write (i32.const 4120))
    (call $write (i32.const 4128))                    ;; behind it
    (call $heap.debug_allocator.DebugAllocator.free (i32.const 0) (i32.const 0) (i32.const 4096) (i32.const 32) (i32.const 2)
      (i32.const 0))
    (call $write (i32.const 4100)))
  (func $mem.Allocator.resize__anon_3 (result i32) (call $resize (i32.const 32)))
  (func (export "_start") (call $site)))
