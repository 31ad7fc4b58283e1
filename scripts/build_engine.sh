#!/usr/bin/env bash
# Builds engine/ (wasmtime's C API) into the per-user cache and puts its headers beside it.
#
#   build_engine.sh              build if needed; prints nothing when all is there
#   build_engine.sh --print-dir  print the cache directory of this Cargo.lock and stop
#
# In that directory: release/libmem_tracer_engine.a, include/, and `stamp`, the hash of the crate's files that
# the archive was built from.  Contents are compared, not times, since a fresh checkout's files are always new.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
crate=$root/engine
cache=${XDG_CACHE_HOME:-$HOME/.cache}/mem-tracer
lock_hash=$(sha256sum <"$crate/Cargo.lock")
dir=$cache/engine-${lock_hash:0:16}

if [ "${1-}" = --print-dir ]; then
    printf '%s\n' "$dir"
    exit 0
fi

archive=$dir/release/libmem_tracer_engine.a
headers_version=1
want=$({ cat "$crate/Cargo.toml" "$crate/Cargo.lock" "$crate/src/lib.rs"; echo "$headers_version"; } | sha256sum)

is_done()
{
    [ -f "$archive" ] && [ -f "$dir/include/wasmtime/conf.h" ] && [ "$(cat "$dir/stamp" 2>/dev/null)" = "$want" ]
}

is_done && exit 0

PATH=$PATH:${CARGO_HOME:-$HOME/.cargo}/bin
if ! command -v cargo >/dev/null; then
    echo "build_engine: cargo is not in PATH; install Rust with rustup first" >&2
    exit 1
fi

mkdir -p "$dir"
exec 9>"$dir/build.lock"
if ! flock -n 9; then
    echo "engine: another build is at work on it, waiting"
    flock 9
fi
is_done && exit 0

echo "engine: building wasmtime's C API with cargo; the first time takes about ten minutes"
started=$SECONDS
messages=$dir/cargo-messages.json
(
    # From the crate's own directory, so that no other workspace's settings apply.
    cd "$crate"
    CARGO_TARGET_DIR=$dir cargo build --release --locked --message-format=json-render-diagnostics 9>&- >"$messages"
)

# The C API's build script installs its headers, the generated conf.h among them, into its out/ directory.
out=$(grep '"reason":"build-script-executed"' "$messages" | grep 'wasmtime-c-api-impl' |
    grep -o '"out_dir":"[^"]*"' | tail -n 1 | cut -d '"' -f 4)
if [ ! -f "$out/include/wasmtime/conf.h" ]; then
    echo "engine: no headers under the build script's output directory '$out'" >&2
    exit 1
fi
rm -rf "$dir/include.new"
cp -R "$out/include" "$dir/include.new"
find "$dir/include.new" -name '*.hh' -delete
# Replaced file by file: the directory may be in another build's include path right now.
mkdir -p "$dir/include"
cp -R "$dir/include.new/." "$dir/include/"
rm -rf "$dir/include.new"
printf '%s\n' "$want" >"$dir/stamp.new"
mv "$dir/stamp.new" "$dir/stamp"
echo "engine: done in $((SECONDS - started)) s"
