// CPython: strings, big numbers, exceptions, regular expressions, modules of its library.
import {load, print} from "./package.mjs";

const {loadPyodide} = await load("pyodide/pyodide.mjs");
const python = await loadPyodide({env: {PYTHONHASHSEED: "0"}});
print(python.runPython(`
import json, re, zlib, collections, decimal, sys
def fib(n): return n if n < 2 else fib(n - 1) + fib(n - 2)
words = re.findall(r"[a-z]+", (collections.__doc__ or "").lower())
try:
    [][1]
except IndexError as e:
    error = str(e)
json.dumps([sys.version_info[:2], fib(15), str(2 ** 300), collections.Counter(words).most_common(3), error,
    zlib.crc32(zlib.compress(bytes(range(256)) * 50)), str(decimal.Decimal(2).sqrt())])
`));
