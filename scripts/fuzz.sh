#!/usr/bin/env bash
# Runs each fuzz target for some seconds of processor time, and says how many inputs it tried and whether one failed.
#
#   fuzz.sh SECONDS [TARGET...]     after `make fuzz`; what is worth keeping is merged into tests/fuzz/corpus with --keep first
#
# Inputs that fail are left in build/fuzz/found. Processor time, since a machine that does other work beside this would end the run with few inputs tried.
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

# run_for SECONDS LOG COMMAND...: interrupts the command, which then ends in order, when it used so much processor time
run_for() {
    local limit=$(($1 * $(getconf CLK_TCK))) log=$2 pid stat
    shift 2
    "$@" >"$log" 2>&1 &
    pid=$!
    while sleep 1 && stat=$(cat /proc/$pid/stat 2>/dev/null); do
        # Behind the name in brackets: the state, 10 fields, and the ticks in the program and in the kernel.
        read -r -a stat <<<"${stat##*) }"
        if [ $((stat[11] + stat[12])) -ge "$limit" ]; then
            kill -INT $pid
            break
        fi
    done
    wait $pid
}

failed=0
for target in "${targets[@]}"; do
    corpus=$work/$target
    mkdir -p "$corpus" "tests/fuzz/corpus/$target" "$work/seeds/$target"
    log=$work/$target.log
    run_for "$seconds" "$log" build/fuzz/fuzz/fuzz_"$target" -timeout=25 -rss_limit_mb=4096 -max_len=8192 -print_final_stats=1 \
        -artifact_prefix=build/fuzz/found/"$target"- "$corpus" "tests/fuzz/corpus/$target" "$work/seeds/$target"
    status=$?
    # What libFuzzer ends with when it is interrupted.
    [ $status = 72 ] && status=0
    tried=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")
    echo "$target: ${tried:-?} inputs in $seconds s of processor time, exit status $status"
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
