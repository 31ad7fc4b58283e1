#!/usr/bin/env bash
# Guess: a function's WebAssembly parameters follow from its declaration.  `alloc` in Zig's std.mem.Allocator.VTable has four (context, length,
# alignment, return address) and no error in its type, so it has four, at any optimisation.
#
# Found: in unoptimised code of Zig 0.14.1 and 0.15.2 it has five, and `free` six: one in front, for the trace of an error's returns, although neither
# function can return one.  Optimised code has four, and so has 0.13.0 without optimisation.
#
# ziglang 0.13.0, 0.14.1 and 0.15.2 on PyPI; 2026-11-30.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
export ZIG_GLOBAL_CACHE_DIR=$folder/cache ZIG_LOCAL_CACHE_DIR=$folder/cache
cat >program.zig <<'EOF'
const std = @import("std");
export fn run(n: usize) usize {
    const allocator = std.heap.wasm_allocator;
    const block = allocator.alloc(u8, n) catch return 0;
    defer allocator.free(block);
    return @intFromPtr(block.ptr);
}
EOF
for version in 0.13.0 0.14.1 0.15.2; do
    python3 -m venv "zig-$version"
    "zig-$version/bin/pip" install --quiet --disable-pip-version-check "ziglang==$version"
    for mode in Debug ReleaseSafe; do
        "zig-$version/bin/python" -m ziglang build-obj program.zig -target wasm32-freestanding -fllvm -O $mode -fno-emit-bin -femit-asm=program.s
        for name in alloc free; do
            echo "$version $mode $name: $(sed -n "s/^\t\.functype\theap.WasmAllocator.$name (\(.*\)) -> .*/\1/p" program.s | head -1)"
        done
    done
done | tee seen
if diff seen - <<'EOF'; then
0.13.0 Debug alloc: i32, i32, i32, i32
0.13.0 Debug free: i32, i32, i32, i32, i32
0.13.0 ReleaseSafe alloc: i32, i32, i32, i32
0.13.0 ReleaseSafe free: i32, i32, i32, i32, i32
0.14.1 Debug alloc: i32, i32, i32, i32, i32
0.14.1 Debug free: i32, i32, i32, i32, i32, i32
0.14.1 ReleaseSafe alloc: i32, i32, i32, i32
0.14.1 ReleaseSafe free: i32, i32, i32, i32, i32
0.15.2 Debug alloc: i32, i32, i32, i32, i32
0.15.2 Debug free: i32, i32, i32, i32, i32, i32
0.15.2 ReleaseSafe alloc: i32, i32, i32, i32
0.15.2 ReleaseSafe free: i32, i32, i32, i32, i32
EOF
    echo "as found"
else
    echo "not as found"
    exit 1
fi
