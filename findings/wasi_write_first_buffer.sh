#!/usr/bin/env bash
# Guess: fd_write (WASI preview 1) gathers: given two buffers of four bytes each for standard output, it writes eight, as writev does, and a program
# that looks at neither errors nor the count loses nothing.
#
# Found: wasmtime writes the first buffer that is not empty, says 4, and never looks at the second one; it is the caller's part to call again.  Node
# writes both and says 8.  So a program may print all of its text in one host and a part of it in the other, without an error in either.
#
# wasmtime 48.0.0 and 50.0.1 on PyPI, Node 24.10.0 (node on npm); 2026-12-01.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
cat >two.wat <<'EOF'
(module
  (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (data (i32.const 0) "one,two\n")
  (data (i32.const 64) "\00\00\00\00\04\00\00\00" "\04\00\00\00\04\00\00\00")
  (func (export "_start"))
  (func (export "print") (result i32)
    (drop (call $write (i32.const 1) (i32.const 64) (i32.const 2) (i32.const 128)))
    (i32.load (i32.const 128))))
EOF
cat >host.py <<'EOF'
import wasmtime

engine = wasmtime.Engine()
store, linker, config = wasmtime.Store(engine), wasmtime.Linker(engine), wasmtime.WasiConfig()
config.inherit_stdout()
store.set_wasi(config)
linker.define_wasi()
with open("two.wat") as f:
    code = wasmtime.wat2wasm(f.read())
with open("two.wasm", "wb") as f:
    f.write(code)
print(linker.instantiate(store, wasmtime.Module(engine, code)).exports(store)["print"](store))
EOF
cat >host.mjs <<'EOF'
import { readFileSync } from "node:fs";
import { WASI } from "node:wasi";
const wasi = new WASI({ version: "preview1" });
const instance = new WebAssembly.Instance(new WebAssembly.Module(readFileSync("two.wasm")), wasi.getImportObject());
wasi.start(instance);
console.log(instance.exports.print());
EOF
python3 -m venv python
for version in 48.0.0 50.0.1; do
    python/bin/pip install --quiet --disable-pip-version-check "wasmtime==$version"
    echo "wasmtime $version: $(python/bin/python host.py | tr '\n' ' ')"
done >seen
npm install --silent --no-fund --no-audit node@24.10.0 >/dev/null
echo "Node $(node_modules/.bin/node --version): $(node_modules/.bin/node --no-warnings host.mjs | tr '\n' ' ')" >>seen
cat seen
if diff seen - <<'EOF'; then
wasmtime 48.0.0: one,4 
wasmtime 50.0.1: one,4 
Node v24.10.0: one,two 8 
EOF
    echo "as found"
else
    echo "not as found"
    exit 1
fi
