#!/usr/bin/env bash
# The demonstration: what ripgrep wastes while it searches our documents.  It is built from its package once, which takes some
# minutes; it has debug information for all of its code, so the report shows lines; and call paths and objects, too.
#
# Where it can't be built, a line says why and what to type, and one of examples/ is traced instead.  The instrumented module is
# left in build/.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
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

if found=$(python3 tests/programs/sources.py ripgrep); then
    echo "Tracing ripgrep 15.1, 19 MiB of WebAssembly, as it searches docs/:"
    run --details --contexts 6 --objects --dir docs "$found" -- -c 'silent (load|store)' docs
else
    echo "Tracing examples/dead_stores.wasm instead:"
    run examples/dead_stores.wasm
fi
