#!/usr/bin/env bash
# Makes the .wasm files that the cases use from the .wat files beside them.  Needs wabt, and wasm-tools for pages of other
# sizes.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
for f in *.wat; do
    case $f in
        grow_kinds.wat) wasm-tools parse "$f" -o "${f%.wat}.wasm" ;;
        *) wat2wasm --enable-all --debug-names "$f" -o "${f%.wat}.wasm" ;;
    esac
done
printf '\0asm\x0d\0\x01\0' >component.wasm
printf '\0asm\x02\0\0\0' >version2.wasm
printf 'hello' >text.wasm
: >empty.wasm
# a type section whose size goes beyond the end; memory before table; a LEB of six bytes; a section twice
printf '\0asm\x01\0\0\0\x01\x20\x01\x60\0\0' >long_section.wasm
printf '\0asm\x01\0\0\0\x05\x03\x01\0\x01\x04\x04\x01\x70\0\x01' >order.wasm
printf '\0asm\x01\0\0\0\x01\x80\x80\x80\x80\x80\0' >leb.wasm
head -c 60 kinds.wasm >truncated.wasm
# an unknown opcode (0xff) in the body
printf '\0asm\x01\0\0\0\x01\x04\x01\x60\0\0\x03\x02\x01\0\x0a\x05\x01\x03\0\xff\x0b' >opcode.wasm
# a body that is no well-typed code: i32.add on an empty stack
printf '\0asm\x01\0\0\0\x01\x04\x01\x60\0\0\x03\x02\x01\0\x07\x0a\x01\x06_start\0\0\x0a\x05\x01\x03\0\x6a\x0b' >types.wasm
