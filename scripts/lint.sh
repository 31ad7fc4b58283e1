#!/usr/bin/env bash
# Layering, formatting and static analysis of the C files.  All three are run; the exit status is 1 if one complains.  It
# needs the built build/release.
#
#   lint.sh [--fix]      --fix lets clang-format rewrite the files
set -uo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$root" || exit 1
status=0
for tool in clang-format-19 clang-tidy-19 gcc cppcheck; do
    command -v $tool >/dev/null || { echo "lint: $tool is not there; scripts/setup.sh --for lint installs it"; exit 1; }
done

python3 scripts/check_layers.py || status=1
python3 scripts/check_references.py || status=1

mapfile -t files < <(find src include tests/{unit,support,spec,fuzz,modules} examples -name '*.[ch]' 2>/dev/null | sort)
if [ "${1-}" = --fix ]; then
    clang-format-19 -i "${files[@]}"
fi
unlike=$(clang-format-19 --dry-run --Werror "${files[@]}" 2>&1 | grep 'error:' | cut -d : -f 1 | sort | uniq -c)
if [ -z "$unlike" ]; then
    echo "format: ${#files[@]} files are as .clang-format says"
else
    echo "$unlike"
    echo "format: so many places in these files are not as .clang-format says; scripts/lint.sh --fix rewrites them"
    status=1
fi

python3 scripts/static_checks.py || status=1
exit $status
