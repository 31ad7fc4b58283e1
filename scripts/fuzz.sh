#!/usr/bin/env bash
# Runs each fuzz target for some seconds, and says how many inputs it tried and whether one failed.
#
#   fuzz.sh SECONDS [TARGET...]     after `make fuzz`; what is worth keeping is merged into tests/fuzz/corpus with --keep first
#
# Inputs that fail are left in build/fuzz/found.
set -uo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$root" || exit 1
keep=
if [ "${1-}" = --keep ]; then
    keep=1
    shift
fi
seconds=${1:?usage: fuzz.sh [--keep] SECONDS [TARGET...]}
shift
targets=("$@")
if [ ${#targets[@]} = 0 ]; then
    for program in build/fuzz/fuzz/fuzz_*; do
        targets+=("${program##*fuzz_}")
    done
fi
work=build/fuzz/work
mkdir -p "$work" build/fuzz/found
test -d "$work/seeds" || python3 tests/fuzz/seeds.py build/release/mem-tracer "$work/seeds" || exit 1

failed=0
for target in "${targets[@]}"; do
    corpus=$work/$target
    mkdir -p "$corpus" "tests/fuzz/corpus/$target" "$work/seeds/$target"
    log=$work/$target.log
    build/fuzz/fuzz/fuzz_"$target" -max_total_time="$seconds" -timeout=25 -rss_limit_mb=4096 -max_len=8192 -print_final_stats=1 \
        -artifact_prefix=build/fuzz/found/"$target"- "$corpus" "tests/fuzz/corpus/$target" "$work/seeds/$target" >"$log" 2>&1
    status=$?
    tried=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")
    echo "$target: ${tried:-?} inputs in $seconds s, exit status $status"
    [ $status = 0 ] || failed=1
    if [ -n "$keep" ]; then
        rm -rf "$work/merged"
        mkdir -p "$work/merged"
        build/fuzz/fuzz/fuzz_"$target" -merge=1 -max_len=1024 "$work/merged" "tests/fuzz/corpus/$target" "$corpus" "$work/seeds/$target" \
            >>"$log" 2>&1
        # The smallest are enough to show that nothing has come back.
        find "$work/merged" -type f -printf '%s %p\n' | sort -n | head -n 60 | while read -r _ file; do
            cp "$file" "tests/fuzz/corpus/$target/"
        done
    fi
done
exit $failed
