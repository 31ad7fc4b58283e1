#!/usr/bin/env bash
# The README's two commands, typed on a machine that has nothing: a new root of a Debian suite, with a C compiler, make, git and Rust.
#
#   fresh.sh [--only demo|test] [--keep] [bookworm|trixie]      (default: bookworm)
#
# HEAD is cloned into it.  Then, each with the time it took:
#
#   a user who is neither root nor in sudo types `make demo`: it has to print the line to type
#   root types `make demo`: the large program with lines, paths and objects; again: nothing is installed or built
#   root types `make test`; again
#
# --only leaves out the other command; --keep leaves the root where it is, and says where.  What this machine tells its package clients
# (archive, proxies, certificates, settings of apt, pip, cargo, npm and Go) is told to those in there, too.  Its Rust is copied from
# rustup's default toolchain, without the targets that were added to it; without rustup, it is Debian's rustc-web and cargo-web.  The engine's
# archive is copied from the user's cache where there is one; what is in there decides whether it fits.
#
# Needs root, for chroot and debootstrap (which is installed where it is missing).  What is mounted is seen by this script's own processes
# only, and is gone with the last of them, however they end.
set -euo pipefail

home=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
suite=bookworm
only=
keep=

# The packages of the machine that has nothing; the certificates are what cargo and git need to talk to anybody.
NOTHING=gcc,libc6-dev,make,git,ca-certificates

# Variables that package clients read, but for those that say where in a home something lies.
PASSED='^([a-zA-Z]*_(proxy|PROXY)|SSL_CERT_(FILE|DIR)|CURL_CA_BUNDLE|REQUESTS_CA_BUNDLE|NODE_EXTRA_CA_CERTS|GIT_SSL_[A-Z]*|PIP_[A-Z_]*|CARGO_(HTTP|NET|REGISTRIES|SOURCE)_[A-Z_]*|(npm_config|NPM_CONFIG)_[a-zA-Z_]*|RUSTUP_(DIST_SERVER|UPDATE_ROOT)|GO(PROXY|SUMDB|NOSUMDB|NOPROXY|PRIVATE|FLAGS))$'

fail()
{
    echo "fresh: $*" >&2
    exit 1
}

usage()
{
    echo "usage: fresh.sh [--only demo|test] [--keep] [bookworm|trixie]" >&2
    exit 2
}

while [ $# -gt 0 ]; do
    case $1 in
        --only) only=${2-}; shift; case $only in demo | test) ;; *) usage ;; esac ;;
        --keep) keep=1 ;;
        bookworm | trixie) suite=$1 ;;
        *) usage ;;
    esac
    shift
done
[ "$(id -u)" -eq 0 ] || fail "needs root, to make a root of its own and go there"

# ---- the root, from outside

# passed_on: the names of variables that clients in there are given.
passed_on()
{
    compgen -e | grep -E "$PASSED" || true
}

# archive LABEL: the address of Debian's archive, or of its security updates, as this machine's apt has it.
archive()
{
    # shellcheck disable=SC2016 -- apt's own variables
    apt-get indextargets --format '$(SITE)' 'Created-By: Packages' 'Origin: Debian' "Label: $1" | head -n 1
}

# tell_apt ROOT: the machine's archive and how to reach it.
tell_apt()
{
    local security
    security=$(archive Debian-Security)
    {
        echo "deb $mirror $suite main"
        echo "deb $mirror $suite-updates main"
        [ -z "$security" ] || echo "deb $security $suite-security main"
    } >"$1/etc/apt/sources.list"
    apt-config dump Acquire | grep -v '^Acquire::\(IndexTargets\|Changelogs\|cdrom\)' >"$1/etc/apt/apt.conf.d/90machine"
    cp -r /etc/apt/auth.conf.d "$1/etc/apt/" 2>/dev/null || true
}

# tell_clients ROOT: certificates, hosts, and the files of settings that pip and cargo read.
tell_clients()
{
    local name value
    cp /etc/resolv.conf /etc/hosts "$1/etc/"
    mkdir -p "$1/usr/local/share/ca-certificates" "$1/root/.cargo" "$1/root/.config"
    cp -r /usr/local/share/ca-certificates/. "$1/usr/local/share/ca-certificates/" 2>/dev/null || true
    chroot "$1" update-ca-certificates >/dev/null 2>&1
    for name in $(passed_on); do
        value=${!name}
        case $value in
            /*) [ ! -f "$value" ] || [ -e "$1$value" ] || install -D -m 644 "$value" "$1$value" ;;
        esac
    done
    [ ! -f /etc/pip.conf ] || cp /etc/pip.conf "$1/etc/"
    [ ! -d ~/.config/pip ] || cp -r ~/.config/pip "$1/root/.config/"
    for name in config config.toml; do
        [ ! -f "$cargo_home/$name" ] || cp "$cargo_home/$name" "$1/root/.cargo/"
    done
}

# give_rust ROOT: rustup with its default toolchain; else Debian's newest.
give_rust()
{
    local rustup toolchain
    rustup=$(PATH=$PATH:$cargo_home/bin command -v rustup || true)
    if [ -z "$rustup" ]; then
        echo "Rust: Debian's rustc-web and cargo-web"
        chroot "$1" apt-get install -qq -y --no-install-recommends rustc-web cargo-web </dev/null >/dev/null
        return
    fi
    toolchain=$("$rustup" default | cut -d ' ' -f 1)
    echo "Rust: rustup with $toolchain"
    mkdir -p "$1/root/.cargo/bin" "$1/root/.rustup/toolchains"
    cp -a "$rustup" "$1/root/.cargo/bin/rustup"
    for name in cargo rustc; do
        ln -s rustup "$1/root/.cargo/bin/$name"
    done
    cp -a "$rustup_home/settings.toml" "$1/root/.rustup/"
    tar -C "$rustup_home/toolchains" --exclude="$toolchain/share" -cf - "$toolchain" | tar -C "$1/root/.rustup/toolchains" -xf -
}

# take_targets: what was added to the toolchain for other tests is not there on a machine that has nothing.
take_targets()
{
    local -a rustup=(chroot "$root" env HOME=/root /root/.cargo/bin/rustup)
    local target
    [ -x "$root/root/.cargo/bin/rustup" ] || return 0
    for target in $("${rustup[@]}" target list --installed | grep '^wasm'); do
        "${rustup[@]}" --quiet target remove "$target"
    done
}

# give_engine ROOT: the archive that scripts/build_engine.sh takes if its stamp fits.
give_engine()
{
    local from name
    from=$("$home/scripts/build_engine.sh" --print-dir)
    [ -f "$from/stamp" ] || return 0
    mkdir -p "$1/root/.cache/mem-tracer/${from##*/}/release"
    for name in stamp include release/libmem_tracer_engine.a; do
        cp -r "$from/$name" "$1/root/.cache/mem-tracer/${from##*/}/$name"
    done
}

# make_root ROOT
make_root()
{
    local started=$SECONDS
    unshare --mount debootstrap --variant=minbase --include="$NOTHING" "$suite" "$1" "$mirror" >"$1.log" 2>&1 || {
        tail -n 5 "$1.log" >&2
        fail "debootstrap could not make the root"
    }
    tell_apt "$1"
    tell_clients "$1"
    chroot "$1" apt-get update -qq </dev/null
    give_rust "$1"
    give_engine "$1"
    chroot "$1" useradd --create-home --shell /bin/sh visitor
    # The clone is made here: what is typed in there starts behind it.
    git clone --quiet --no-hardlinks "$home" "$1/root/mem-tracer"
    cp -r "$1/root/mem-tracer" "$1/home/visitor/mem-tracer"
    chroot "$1" chown -R visitor: /home/visitor/mem-tracer
    echo "a new root of $suite: $((SECONDS - started)) s"
}

# ---- what is typed there

# type_as USER COMMAND: as a login of that user would run it, in the clone.  The output goes to $log, and here; sets `status`,
# `wall` and `spent` (seconds of the clock, and of the processor).
type_as()
{
    local user=$1 command=$2 folder=/root name
    local -a env=(TERM=dumb LANG=C.UTF-8 "USER=$user")
    [ "$user" = root ] || folder=/home/$user
    for name in $(passed_on); do
        env+=("$name=${!name}")
    done
    [ -z "${CI-}" ] || env+=("CI=$CI")
    printf '\n%s$ %s\n' "$user" "$command"
    local begun=$SECONDS TIMEFORMAT='%U %S'
    status=0
    # Rust's folder is not in PATH: so it is in a shell that was open when rustup was installed.
    { time chroot --userspec="$user" "$root" env -i "${env[@]}" "HOME=$folder" PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
        sh -c "cd ~/mem-tracer && $command" </dev/null >"$log" 2>&1; } 2>"$log.time" || status=$?
    wall=$((SECONDS - begun))
    spent=$(awk '{ printf "%d", $1 + $2 }' "$log.time")
    sed 's/^/    /' "$log"
    echo "($command by $user on $suite: status $status, $wall s, of the processor $spent s)"
}

# must PATTERN WHAT / must_not PATTERN WHAT: about the output of what was typed.
must()
{
    grep -qE -- "$1" "$log" || wrong+=("$2")
}

must_not()
{
    ! grep -qE -- "$1" "$log" || wrong+=("$2")
}

user_types()
{
    type_as visitor 'make demo'
    [ "$status" -ne 0 ] || wrong+=("make demo ends well for a user who can't install what it needs")
    must '^    sudo apt-get update && sudo apt-get install .*cmake' "a user without sudo is not told what to type"
    must_not 'Traceback|CMake Error' "a user without sudo is shown more than what to type"
}

demo()
{
    type_as root 'make demo'
    [ "$status" -eq 0 ] || wrong+=("make demo: status $status")
    must_not 'libcmocka|clang-19' "make demo installs what only tests need"
    must '^Tracing ripgrep' "the demo is not the large program"
    must '^ +[^ ]+\.rs:[0-9]+' "the demo shows no lines of source"
    must '^ +paths ' "the demo shows no paths"
    must '^ +in +(heap|stack)' "the demo shows no objects"
    type_as root 'make demo'
    [ "$status" -eq 0 ] || wrong+=("make demo, again: status $status")
    must_not 'setup: installing|engine:' "make demo, again, installs or builds the engine"
    [ "$spent" -lt 90 ] || wrong+=("make demo, again, takes $spent s of the processor")
}

tests()
{
    type_as root 'make test'
    [ "$status" -eq 0 ] || wrong+=("make test: status $status")
    type_as root 'make test'
    [ "$status" -eq 0 ] || wrong+=("make test, again: status $status")
    must_not 'setup: installing|engine:' "make test, again, installs or builds the engine"
}

inside()
{
    mount --make-rprivate /
    mount -t proc proc "$root/proc"
    mount --rbind /dev "$root/dev"
    mount -t sysfs -o ro sysfs "$root/sys" 2>/dev/null || mount --rbind /sys "$root/sys"
    take_targets
    wrong=()
    [ "$only" = test ] || user_types
    [ "$only" = test ] || demo
    [ "$only" = demo ] || tests
    printf '%s\n' "${wrong[@]/#/fresh: }"
    [ ${#wrong[@]} -eq 0 ]
}

# make_and_go: makes the root, and has this script again for what is typed there, in namespaces of its own.
make_and_go()
{
    command -v debootstrap >/dev/null || {
        apt-get update -qq </dev/null
        DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends debootstrap </dev/null >/dev/null
    }
    mirror=$(archive Debian)
    [ -n "$mirror" ] || fail "this machine's apt has no archive of Debian's"
    unshare --mount --pid --fork true 2>/dev/null ||
        fail "this machine allows no namespaces (unshare), so nothing can be mounted for the root alone"

    work=$(mktemp -d "${TMPDIR:-/var/tmp}/mem-tracer-fresh.XXXXXX")
    chmod 755 "$work"
    child=
    trap clean EXIT
    trap 'exit 130' INT
    trap 'exit 143' TERM HUP

    make_root "$work/$suite"
    FRESH_ROOT=$work/$suite unshare --mount --pid --fork --kill-child "$home/scripts/fresh.sh" ${only:+--only "$only"} "$suite" &
    child=$!
    local status=0
    wait "$child" || status=$?
    child=
    [ "$status" -ne 0 ] || echo "fresh: $suite is well"
    exit "$status"
}

clean()
{
    [ -z "$child" ] || kill -KILL "$child" 2>/dev/null || true
    if [ -n "$keep" ]; then echo "the root is left: $work/$suite"; else rm -rf --one-file-system "$work"; fi
}

cargo_home=${CARGO_HOME:-$HOME/.cargo}
rustup_home=${RUSTUP_HOME:-$HOME/.rustup}
if [ -n "${FRESH_ROOT-}" ]; then
    root=$FRESH_ROOT
    log=$root.out
    inside
else
    make_and_go
fi
