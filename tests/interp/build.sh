#!/usr/bin/env bash
# Makes the modules from kernels.c.  Needs clang-19 and lld-19.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
for level in O0 O2; do
    for kernel in 1 2 3 4 5; do
        clang-19 --target=wasm32 -mcpu=mvp -$level -nostdlib -fno-builtin -Wl,--no-entry -Wl,--export=_start \
            -Wl,--strip-debug -DKERNEL=$kernel kernels.c -o kernel$kernel.$level.wasm
    done
done
