#!/usr/bin/env bash
# Guess: zeroed data (.bss) is in no data segment, since memory of WebAssembly begins zeroed; so its size does not show in a module's, as it
# does not in an ELF file's.
#
# Found: with --import-memory wasm-ld writes it into the file, byte by byte, as a segment called .bss: a memory that comes from outside might have
# been written to.  A program with an array of 300,000 bytes has 300,000 bytes more.
#
# LLD 20.1.2 (ziglang 0.15.2 on PyPI; the same with LLD 22.1.8 in 0.17.1); 2026-11-30.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
export ZIG_GLOBAL_CACHE_DIR=$folder/cache ZIG_LOCAL_CACHE_DIR=$folder/cache
python3 -m venv zig
zig/bin/pip install --quiet --disable-pip-version-check ziglang==0.15.2
cat >program.c <<'EOF'
static char table[300000];
char at(int i) { table[i] = 1; return table[i / 2]; }
EOF
zig() { zig/bin/python -m ziglang "$@"; }
zig cc --target=wasm32-freestanding -O1 -g0 -c program.c -o program.o
zig wasm-ld --version
zig wasm-ld program.o --no-entry --export=at -o own.wasm
zig wasm-ld program.o --no-entry --export=at --import-memory -o imported.wasm
stat --format '%n: %s bytes' own.wasm imported.wasm
if [ "$(stat --format %s own.wasm)" -lt 2000 ] && [ "$(stat --format %s imported.wasm)" -gt 300000 ]; then
    echo "as found"
else
    echo "not as found"
    exit 1
fi
