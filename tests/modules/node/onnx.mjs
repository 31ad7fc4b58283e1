// A network of two layers, written here in the format's bytes: SIMD and threads, or the build for JSPI.
import {load, path, print} from "./package.mjs";

const varint = (n) => (n < 128 ? [n] : [n & 127 | 128, ...varint(n >> 7)]);
const text = (s) => [...new TextEncoder().encode(s)];
const number = (field, n) => [...varint(field << 3), ...varint(n)];
const bytes = (field, content) => [...varint(field << 3 | 2), ...varint(content.length), ...content];
const FLOAT = 1;

const tensor = (name, dims, values) => [
    ...dims.flatMap((d) => number(1, d)), ...number(2, FLOAT), ...bytes(8, text(name)),
    ...bytes(9, [...new Uint8Array(new Float32Array(values).buffer)])];
const value = (name, dims) => [...bytes(1, text(name)), ...bytes(2, bytes(1, [
    ...number(1, FLOAT), ...bytes(2, dims.flatMap((d) => bytes(1, number(1, d))))]))];
const node = (op, inputs, output) => [...inputs.flatMap((i) => bytes(1, text(i))), ...bytes(2, text(output)), ...bytes(4, text(op))];
const random = (count, seed) => Array.from({length: count}, (_, i) => ((i * 7919 + seed) * 104729 % 1009 - 504) / 512);

const graph = [
    ...bytes(1, node("MatMul", ["x", "w"], "a")), ...bytes(1, node("Relu", ["a"], "b")), ...bytes(1, node("MatMul", ["b", "v"], "c")),
    ...bytes(1, node("Add", ["c", "d"], "e")), ...bytes(1, node("Softmax", ["e"], "y")), ...bytes(2, text("network")),
    ...bytes(5, tensor("w", [64, 96], random(64 * 96, 1))), ...bytes(5, tensor("v", [96, 10], random(960, 2))),
    ...bytes(5, tensor("d", [10], random(10, 3))), ...bytes(11, value("x", [32, 64])), ...bytes(12, value("y", [32, 10]))];
const model = Uint8Array.from([...number(1, 8), ...bytes(7, graph), ...bytes(8, [...bytes(1, []), ...number(2, 13)])]);

const [bundle, threads] = process.argv.slice(3);
const ort = await load("onnxruntime-web/dist", bundle);
ort.env.wasm.numThreads = Number(threads);
ort.env.wasm.wasmPaths = path("onnxruntime-web/dist") + "/";
const session = await ort.InferenceSession.create(model, {executionProviders: ["wasm"]});
const {y} = await session.run({x: new ort.Tensor("float32", random(32 * 64, 5), [32, 64])});
print(y.dims, [...y.data].join(" "));
await ort.InferenceSession.create(model.slice(0, 900)).catch((e) => print(e.message));
process.exit(0);
