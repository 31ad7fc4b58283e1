#!/usr/bin/env bash
# Guess: hosts that follow one specification (WASI preview 1, witx) change the same bytes of the caller's memory: what a structure's layout says,
# with or without padding.
#
# Found: of fdstat, filestat and prestat wasmtime and Node change the same bytes, all but the padding.  Of the event that poll_oneoff reports for a
# clock, wasmtime changes 21 of 32, those of `fd_readwrite` too, which is no part of an event of that type; Node changes 11 and leaves the others as they were.
#
# wasmtime 48.0.0 and 50.0.1 on PyPI, Node 24.10.0 (node on npm); 2026-12-01.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
cat >structures.wat <<'EOF'
(module
  (import "wasi_snapshot_preview1" "fd_fdstat_get" (func $fdstat (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_filestat_get" (func $filestat (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_prestat_get" (func $prestat (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "poll_oneoff" (func $poll (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (func (export "_start"))
  (func (export "fdstat") (result i32) (call $fdstat (i32.const 3) (i32.const 4096)))
  (func (export "filestat") (result i32) (call $filestat (i32.const 3) (i32.const 4096)))
  (func (export "prestat") (result i32) (call $prestat (i32.const 3) (i32.const 4096)))
  (func (export "event") (result i32) ;; the monotonic clock, in a microsecond
    (i32.store (i32.const 1040) (i32.const 1))
    (i64.store (i32.const 1048) (i64.const 1000))
    (call $poll (i32.const 1024) (i32.const 4096) (i32.const 1) (i32.const 8192))))
EOF
cat >host.py <<'EOF'
import wasmtime


def changed(code, name, pattern):
    engine = wasmtime.Engine()
    store, linker, config = wasmtime.Store(engine), wasmtime.Linker(engine), wasmtime.WasiConfig()
    config.preopen_dir(".", "/d")
    store.set_wasi(config)
    linker.define_wasi()
    exports = linker.instantiate(store, wasmtime.Module(engine, code)).exports(store)
    exports["memory"].write(store, bytes([pattern] * 80), 4096)
    assert exports[name](store) == 0
    return [byte != pattern for byte in exports["memory"].read(store, 4096, 4096 + 80)]


with open("structures.wat") as f:
    code = wasmtime.wat2wasm(f.read())
with open("structures.wasm", "wb") as f:
    f.write(code)
for name in ("fdstat", "filestat", "prestat", "event"):
    print(name, "".join(".w"[a or b] for a, b in zip(changed(code, name, 0xa5), changed(code, name, 0x5a))).rstrip("."))
EOF
cat >host.mjs <<'EOF'
import { readFileSync } from "node:fs";
import { WASI } from "node:wasi";
const module = new WebAssembly.Module(readFileSync("structures.wasm"));
function changed(name, pattern) {
  const wasi = new WASI({ version: "preview1", preopens: { "/d": "." } });
  const instance = new WebAssembly.Instance(module, wasi.getImportObject());
  wasi.start(instance);
  const bytes = new Uint8Array(instance.exports.memory.buffer, 4096, 80).fill(pattern);
  if (instance.exports[name]() !== 0) throw new Error(name);
  return [...bytes].map((byte) => byte !== pattern);
}
for (const name of ["fdstat", "filestat", "prestat", "event"]) {
  const other = changed(name, 0x5a);
  console.log(name, changed(name, 0xa5).map((is, k) => (is || other[k] ? "w" : ".")).join("").replace(/\.+$/, ""));
}
EOF
python3 -m venv python
for version in 48.0.0 50.0.1; do
    python/bin/pip install --quiet --disable-pip-version-check "wasmtime==$version"
    python/bin/python host.py >"wasmtime-$version"
done
npm install --silent --no-fund --no-audit node@24.10.0 >/dev/null
node_modules/.bin/node --no-warnings host.mjs >node
grep . wasmtime-* node
if cmp wasmtime-48.0.0 wasmtime-50.0.1 && [ "$(sed '$d' node)" = "$(sed '$d' wasmtime-50.0.1)" ] &&
    [ "$(tail -1 wasmtime-50.0.1)" = "event wwwwwwwwwww.....wwwwwwwwww" ] && [ "$(tail -1 node)" = "event wwwwwwwwwww" ]; then
    echo "as found"
else
    echo "not as found"
    exit 1
fi
