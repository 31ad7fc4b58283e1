#!/usr/bin/env bash
# Runs the tests of both builds, build/debug (sanitisers) and build/release.
#
#   test.sh [--more | --all] [--junit DIR]
#
# --more runs what `make test` leaves out: the tests that cmake/Tests.cmake labels `more`, and the static checks.  --all runs every
# test, the static checks, and every real program and module.  --junit leaves DIR/{debug,release}.xml, with --more DIR/{debug,release}-more.xml.  All of it is run even if some of it
# fails; the exit status then is 1.
set -uo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
part=
junit=
while [ $# -gt 0 ]; do
    case $1 in
        --more | --all) part=${1#--} ;;
        --junit) junit=$2; shift ;;
        *) echo "usage: test.sh [--more | --all] [--junit DIR]" >&2; exit 2 ;;
    esac
    shift
done
cd "$root" || exit 1

status=0
case $part in
    '') chosen=(-LE '^more$') ;;
    more) chosen=(-L '^more$') ;;
    all) chosen=() ;;
esac
for preset in debug release; do
    echo "== $preset${part:+, $part}"
    ctest --preset "$preset" "${chosen[@]}" -j "$(nproc)" ${junit:+--output-junit "$junit/$preset${part:+-$part}.xml"} || status=1
done
if [ -n "$part" ]; then
    echo "== static checks"
    scripts/lint.sh || status=1
fi
if [ "$part" = all ]; then
    echo "== every real program"
    python3 tests/programs/run.py build/release/mem-tracer || status=1
    echo "== modules of packages"
    python3 tests/modules/run.py build/release/mem-tracer || status=1
fi
exit $status
