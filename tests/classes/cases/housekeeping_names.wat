;; Names of allocators and collectors as Go's linker and Zig's compiler write them, and names that only begin alike.
;; expect: dead_store runtime.__mspan_.nextFreeIndex -> runtime.__sweepLocked_.sweep.func1 housekeeping constant=2
;; expect: dead_store runtime.__sweepLocked_.sweep.func1 -> runtime.newobject housekeeping constant=3
;; expect: dead_store runtime.newobject -> heap.WasmAllocator.alloc housekeeping constant=4
;; expect: dead_store heap.WasmAllocator.alloc -> mem.Allocator.create__anon_1403 housekeeping constant=5
;; expect: dead_store mem.Allocator.create__anon_1403 -> heap.arena_allocator.ArenaAllocator.free housekeeping constant=6
;; expect: dead_store heap.arena_allocator.ArenaAllocator.free -> runtime.__mspans_.name none constant=7
;; expect: dead_store runtime.__mspans_.name -> runtime.newobjects next_phase constant=8
;; expect: dead_store runtime.newobjects -> heap.Table.get next_phase constant=9
;; expect: dead_store heap.Table.get -> runtime.__timers_.run next_phase constant=10
(module
  (memory 1)
  (func $runtime.__mspan_.nextFreeIndex (i32.store (i32.const 8) (i32.const 1)))
  (func $runtime.__sweepLocked_.sweep.func1 (i32.store (i32.const 8) (i32.const 2)))
  (func $runtime.newobject (i32.store (i32.const 8) (i32.const 3)))
  (func $heap.WasmAllocator.alloc (i32.store (i32.const 8) (i32.const 4)))
  (func $mem.Allocator.create__anon_1403 (i32.store (i32.const 8) (i32.const 5)))
  (func $heap.arena_allocator.ArenaAllocator.free (i32.store (i32.const 8) (i32.const 6)))
  (func $runtime.__mspans_.name (i32.store (i32.const 8) (i32.const 7)))
  (func $runtime.newobjects (i32.store (i32.const 8) (i32.const 8)))
  (func $heap.Table.get (i32.store (i32.const 8) (i32.const 9)))
  (func $runtime.__timers_.run (i32.store (i32.const 8) (i32.const 10)))
  (func (export "_start")
    (call $runtime.__mspan_.nextFreeIndex)
    (call $runtime.__sweepLocked_.sweep.func1)
    (call $runtime.newobject)
    (call $heap.WasmAllocator.alloc)
    (call $mem.Allocator.create__anon_1403)
    (call $heap.arena_allocator.ArenaAllocator.free)
    (call $runtime.__mspans_.name)
    (call $runtime.newobjects)
    (call $heap.Table.get)
    (call $runtime.__timers_.run)))
