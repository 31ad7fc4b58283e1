#!/usr/bin/env bash
# Compiles examples/*.c to WebAssembly, beside them.  The modules are committed, so that trying the tool takes no
# compiler; run this after changing a program.  Needs the Debian packages that `scripts/setup.sh --for test` installs.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

for source in examples/*.c; do
    module=${source%.c}.wasm
    # With debug information, whose files are named from the checkout's folder.  -fno-builtin: a loop that fills memory
    # stays the loop that the program shows, and does not become a call of memset.
    clang-19 --target=wasm32-wasi --sysroot=/usr -std=c17 -O1 -g -fdebug-compilation-dir=. -fno-builtin -Wall -Wextra \
        "$source" -o "$module"
    wasm-validate "$module"
    echo "$module: $(stat -c %s "$module") bytes"
done
