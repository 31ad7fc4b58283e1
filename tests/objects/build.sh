#!/usr/bin/env bash
# Makes the modules from program.c and fields.c.  Needs clang-19, lld-19, wasi-libc and libclang-rt-19-dev-wasm32.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
for name in program fields; do
    clang-19 --target=wasm32-wasi --sysroot=/usr -O1 -g -fdebug-prefix-map="$PWD"=. "$name.c" -o "$name.wasm"
done
