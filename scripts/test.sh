#!/usr/bin/env bash
# Runs the tests of both builds: build/debug (sanitisers) and build/release; then the static checks.
#
#   test.sh [--all] [--junit DIR]
#
# --all runs every real program and module after that; --junit leaves DIR/{debug,release}.xml.  All of it is run even if some
# of it fails; the exit status then is 1.
set -uo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
all=
junit=
while [ $# -gt 0 ]; do
    case $1 in
        --all) all=1 ;;
        --junit) junit=$2; shift ;;
        *) echo "usage: test.sh [--all] [--junit DIR]" >&2; exit 2 ;;
    esac
    shift
done
cd "$root" || exit 1

status=0
for preset in debug release; do
    echo "== $preset"
    ctest --preset "$preset" -j "$(nproc)" ${junit:+--output-junit "$junit/$preset.xml"} || status=1
done
echo "== static checks"
scripts/lint.sh || status=1
if [ -n "$all" ]; then
    echo "== every real program"
    python3 tests/programs/run.py build/release/mem-tracer || status=1
    echo "== modules of packages"
    python3 tests/modules/run.py build/release/mem-tracer || status=1
fi
exit $status
