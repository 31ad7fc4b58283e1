#!/usr/bin/env bash
# Installs the Debian packages that a task needs and that are missing.
#
#   setup.sh [--for build|demo|test|more|programs|fuzz|package|lint]      (default: build)
#
# As root, or where sudo asks for no password, apt installs them; otherwise the line to type is printed and the
# status is 1.  Rust (cargo) and a C compiler are presupposed; where they lack, a line says what to do.  Prints nothing when all is there.
set -euo pipefail

# Where rustup puts cargo; a shell that was open during its installation does not know that yet.
PATH=$PATH:${CARGO_HOME:-$HOME/.cargo}/bin

rust=1.95 # what wasmtime 48 asks for

# An entry is a Debian package, or COMMAND=PACKAGE where the command may as well come from elsewhere.
build=(cmake=cmake ninja=ninja-build libc6-dev pkg-config=pkg-config libjansson-dev libdw-dev libzstd-dev zlib1g-dev libiberty-dev python3=python3)
fetch=(pip=python3-pip)
wasm=(clang-19 lld-19 wasi-libc libclang-rt-19-dev-wasm32)
demo=("${build[@]}")
checks=(clang-format-19 clang-tidy-19 cppcheck=cppcheck gcc=gcc)
symbols=(llvm-19 libc++-19-dev-wasm32 libc++abi-19-dev-wasm32)
unit=("${build[@]}" "${fetch[@]}" python3-pyte dpkg-shlibdeps=dpkg-dev file=file libcmocka-dev libbz2-dev callgrind_annotate=valgrind wabt chromium-headless-shell=chromium-headless-shell "${wasm[@]}" "${symbols[@]}")
more=("${unit[@]}" "${checks[@]}")
programs=("${more[@]}" make=make tclsh=tcl clang-22 lld-22 libclang-rt-22-dev-wasm32 npm=npm node=nodejs go=golang-go dpkg-source=dpkg-dev)
# A test that can't run fails in CI.  What is large and needed for a part of one test only is not asked of others.
[ -z "${CI-}" ] || { unit+=(go=golang-go); more+=(go=golang-go); }
fuzz=("${build[@]}" clang-19 libclang-rt-19-dev)
lint=("${build[@]}" "${checks[@]}")
package=("${build[@]}" dpkg-shlibdeps=dpkg-dev file=file)

usage()
{
    echo "usage: setup.sh [--for build|demo|test|more|programs|fuzz|package|lint]" >&2
    exit 2
}

have_command()
{
    case $1 in
        pip) python3 -c 'import pip' 2>/dev/null ;;
        *) command -v "$1" >/dev/null ;;
    esac
}

# missing ENTRY...: sets `absent` to the packages to install.  dpkg-query is asked once for all of them.
missing()
{
    local entry
    local -a packages=()
    absent=()
    for entry in "$@"; do
        case $entry in
            *=*) have_command "${entry%%=*}" || absent+=("${entry#*=}") ;;
            *) packages+=("$entry") ;;
        esac
    done
    [ ${#packages[@]} -gt 0 ] || return 0
    local installed
    installed=$(dpkg-query -W -f '${db:Status-Status} ${Package}\n' "${packages[@]}" 2>/dev/null || true)
    for entry in "${packages[@]}"; do
        grep -qxF "installed $entry" <<<"$installed" || absent+=("$entry")
    done
}

# as_root COMMAND...: runs it as root; the caller has checked that this is possible.
as_root()
{
    if [ "$(id -u)" -eq 0 ]; then "$@"; else sudo -n "$@"; fi
}

install_absent()
{
    local line="apt-get install -y --no-install-recommends ${absent[*]}"
    if [ "$(id -u)" -ne 0 ] && ! sudo -n true 2>/dev/null; then
        echo "setup: ${#absent[@]} packages are missing, and installing needs root; please type:" >&2
        echo "    sudo apt-get update && sudo $line" >&2
        exit 1
    fi
    echo "setup: installing ${absent[*]}"
    as_root apt-get update -qq </dev/null
    # shellcheck disable=SC2086 -- package names hold no blanks
    as_root env DEBIAN_FRONTEND=noninteractive $line -qq </dev/null >/dev/null
}

# is_older VERSION THAN
is_older()
{
    [ "$1" != "$2" ] && [ "$(printf '%s\n' "$1" "$2" | sort -V | head -n 1)" = "$1" ]
}

# The engine is the only part in Rust, but no part works without it.
need_rust()
{
    local have newest how="please install Rust by rustup"
    have=$(cargo --version 2>/dev/null | cut -d ' ' -f 2) || true
    [ -z "$have" ] || ! is_older "$have" $rust || have="$have, which is too old"
    case $have in *old | '') ;; *) return ;; esac
    newest=$(apt-cache policy rustc-web 2>/dev/null | sed -n 's/^ *Candidate: *\([0-9.]*\).*/\1/p') # made for browsers, which want a new one
    if command -v rustup >/dev/null; then
        how="please type: rustup update"
    elif [ -n "$newest" ] && ! is_older "$newest" $rust; then
        how="please install it by rustup, or type: sudo apt-get install rustc-web cargo-web"
    fi
    echo "setup: mem-tracer's engine needs Rust $rust or newer, and there is ${have:-none}; $how" >&2
    exit 1
}

task=build
case ${1-} in
    '') ;;
    --for) task=${2-} ;;
    *) usage ;;
esac
case $task in
    build) list=("${build[@]}") ;;
    demo) list=("${demo[@]}") ;;
    test) list=("${unit[@]}") ;;
    more) list=("${more[@]}") ;;
    programs) list=("${programs[@]}") ;;
    fuzz) list=("${fuzz[@]}") ;;
    package) list=("${package[@]}") ;;
    lint) list=("${lint[@]}") ;;
    *) usage ;;
esac

if ! command -v dpkg-query >/dev/null; then
    echo "setup: not a Debian system, so nothing is checked; needed: ${list[*]}" >&2
    exit 0
fi
missing "${list[@]}"
[ ${#absent[@]} -eq 0 ] || install_absent
if ! command -v cc >/dev/null; then
    echo "setup: there is no C compiler (cc); install gcc and libc6-dev first" >&2
    exit 1
fi
[ "$task" = lint ] || need_rust
