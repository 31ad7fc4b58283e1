#!/usr/bin/env bash
# Guess: clang compiles and calls the linker; what it makes depends on its own package and its arguments.
#
# Found: for WebAssembly it looks for wasm-opt in PATH, and if there is one runs it behind the linker, unless it is not to optimise.  It passes the level
# and no -g, whatever it was told itself, so DWARF no longer fits the code that wasm-opt makes.  --no-wasm-opt is the way out.
#
# Debian's clang-19 1:19.1.7-3~deb12u1 (bookworm); it is only asked which commands it would run, so wasm-opt is an empty script; 2026-11-30.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
version='1:19.1.7-3~deb12u1'
apt-get -o APT::Sandbox::User=root download "clang-19=$version" "libclang-cpp19=$version" "libllvm19=$version" >/dev/null
for package in *.deb; do dpkg-deb -x "$package" root; done
export LD_LIBRARY_PATH=$folder/root/usr/lib/llvm-19/lib:$folder/root/usr/lib/x86_64-linux-gnu
mkdir bin
printf '#!/bin/sh\n' >bin/wasm-opt
chmod +x bin/wasm-opt
printf 'void _start(void) {}\n' >program.c
commands() { # PATH OPTION…: the programs that clang would run, one a line, with their arguments
    PATH=$1 root/usr/lib/llvm-19/bin/clang --target=wasm32-unknown-unknown -nostdlib -g "${@:2}" '-###' program.c -o program.wasm 2>&1 |
        grep '^ "' | sed 's|^ "[^"]*/||'
}
root/usr/lib/llvm-19/bin/clang --version | head -1
commands /usr/bin:/bin -O2 >without
commands "$folder/bin:/usr/bin:/bin" -O2 >with
commands "$folder/bin:/usr/bin:/bin" -Os >size
commands "$folder/bin:/usr/bin:/bin" -O0 >unoptimised
commands "$folder/bin:/usr/bin:/bin" -O2 --no-wasm-opt >declined
grep wasm-opt with
if [ "$(grep '^wasm-opt"' with)" = 'wasm-opt" "program.wasm" "-O2" "-o" "program.wasm"' ] && grep -q '^wasm-opt" .*"-Os"' size &&
    ! grep '^wasm-opt' without unoptimised declined; then
    echo "as found"
else
    echo "not as found"
    exit 1
fi
