#!/usr/bin/env bash
# Guess: wasm-ld lays out memory as it always has, unless --stack-first is given: static data from 1024 on, then the stack, then the heap.  So
# the stack pointer begins at the heap's base, and below 1024 there is nothing.
#
# Found: LLD 22 lays the stack first by itself (--no-stack-first asks for the old way): static data begins at 65,536, where the stack
# pointer begins, and zeroed data lies right below the heap.  One object file with the same options gives the two layouts.
#
# LLD 20.1.2 (ziglang 0.15.2 on PyPI) and LLD 22.1.8 (ziglang 0.17.1), wasmtime 38.0.0 on PyPI to read the globals; 2026-11-30.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
export ZIG_GLOBAL_CACHE_DIR=$folder/cache ZIG_LOCAL_CACHE_DIR=$folder/cache
for version in 0.15.2 0.17.1; do
    python3 -m venv "zig-$version"
    "zig-$version/bin/pip" install --quiet --disable-pip-version-check "ziglang==$version"
done
zig-0.15.2/bin/pip install --quiet --disable-pip-version-check wasmtime==38.0.0
cat >program.c <<'EOF'
static volatile char table[4096];
char named[16] = "data";
char at(int i) { return table[i] = named[i & 15]; }
EOF
zig-0.15.2/bin/python -m ziglang cc --target=wasm32-freestanding -O1 -c program.c -o program.o
link() { # VERSION OPTION…: what the globals are
    "zig-$1/bin/python" -m ziglang wasm-ld --version | cut -d '(' -f 1
    "zig-$1/bin/python" -m ziglang wasm-ld program.o --no-entry --export=at --export=__stack_pointer --export=__global_base \
        --export=__data_end --export=__heap_base -o program.wasm "${@:2}"
    zig-0.15.2/bin/python - <<'EOF'
import wasmtime
engine = wasmtime.Engine()
store = wasmtime.Store(engine)
exports = wasmtime.Instance(store, wasmtime.Module.from_file(engine, "program.wasm"), []).exports(store)
print(*(f"{n}={exports[n].value(store)}" for n in ("__global_base", "__stack_pointer", "__data_end", "__heap_base")))
EOF
}
link 0.15.2 | tee old
link 0.17.1 | tee new
link 0.17.1 --no-stack-first | tee asked
if grep -q 'LLD 20' old && grep -q '^__global_base=1024 ' old && grep -q '__stack_pointer=\([0-9]*\) .*__heap_base=\1$' old &&
    grep -q 'LLD 22' new && grep -q '^__global_base=65536 __stack_pointer=65536 ' new && [ "$(tail -1 old)" = "$(tail -1 asked)" ]; then
    echo "as found"
else
    echo "not as found"
    exit 1
fi
