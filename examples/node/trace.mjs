// node trace.mjs FILE.wasm IMAGE [ARGS...]: runs a module that `mem-tracer -o` instrumented, and leaves its trace for
// `mem-tracer analyze`:
//
//     mem-tracer -o traced.wasm program.wasm
//     node trace.mjs traced.wasm image
//     mem-tracer analyze program.wasm image
//
// Needs Node 22 or later, which knows modules of several memories.
import {readFile, writeFile} from "node:fs/promises";
import {WASI} from "node:wasi";

const [file, image, ...args] = process.argv.slice(2);
if (!image) {
    console.error("usage: node trace.mjs FILE.wasm IMAGE [ARGS...]");
    process.exit(2);
}
const wasi = new WASI({version: "preview1", args: ["program.wasm", ...args], returnOnExit: true});
const module = await WebAssembly.compile(await readFile(file));
const instance = await WebAssembly.instantiate(module, wasi.getImportObject());
let status = 134;
try {
    status = wasi.start(instance) ?? 0;
} catch (trap) {
    console.error(String(trap)); // what was recorded until then is a trace as well
}
const {_trace_memory: memory, _trace_mem_pointer: end, _trace_lost: lost} = instance.exports;
if (lost.value) {
    console.error(`${lost.value} accesses found no room: instrument with a larger --trace-memory`);
}
await writeFile(image, new Uint8Array(memory.buffer, 0, end.value >>> 0));
process.exit(status);
