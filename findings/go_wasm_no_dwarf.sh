#!/usr/bin/env bash
# Guess: Go writes DWARF unless it is told not to (-ldflags=-w), for WebAssembly as for everything else; its modules then have lines.
#
# Found: its linker writes none into a module, neither by itself nor when DWARF is asked for with -ldflags=-w=0, and says nothing.  Only function names are
# there.  The same source and flags give DWARF in an ELF file.
#
# go 1.26.4; 2026-11-30.
set -euo pipefail
folder=$(mktemp -d)
trap 'chmod -R u+w "$folder"; rm -rf "$folder"' EXIT
cd "$folder"
export GOTOOLCHAIN=go1.26.4 GOPATH=$folder/go GOCACHE=$folder/cache GOWORK=off CGO_ENABLED=0
printf 'module hello\n\ngo 1.24\n' >go.mod
printf 'package main\n\nfunc main() { println("hello") }\n' >main.go
go version
for flags in "" -w=0; do
    GOOS=wasip1 GOARCH=wasm go build -ldflags="$flags" -o "module$flags" . 2>&1 | tee -a messages
    GOOS=linux GOARCH=amd64 go build -ldflags="$flags" -o "elf$flags" .
done
# DWARF's sections are called .debug_… in a module, .debug_… or .zdebug_… in ELF, and the names stand in the files as they are.
for file in module module-w=0 elf elf-w=0; do
    echo "$file: .debug_info $(grep -c -a -F .debug_info "$file" || true), main.main $(grep -c -a -F main.main "$file" | sed 's/^[1-9][0-9]*$/yes/')"
done | tee seen
if [ ! -s messages ] && [ "$(grep -c '^module.*: .debug_info 0, main.main yes' seen)" = 2 ] && [ "$(grep -c '^elf.*: .debug_info [1-9]' seen)" = 2 ]; then
    echo "as found"
else
    echo "not as found"
    exit 1
fi
