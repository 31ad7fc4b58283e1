#!/usr/bin/env bash
# Makes the module from program.c.  Needs clang-19, lld-19, wasi-libc and libclang-rt-19-dev-wasm32.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
clang-19 --target=wasm32-wasi --sysroot=/usr -O1 -g -fdebug-prefix-map="$PWD"=. program.c -o program.wasm
