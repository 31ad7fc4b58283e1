// Two modules made one, with what is never used left out; the parser is the Rust program in WebAssembly.
import {load, print} from "./package.mjs";

const {rollup} = await load("@rollup/wasm-node/dist/es/rollup.js");
const files = {
    main: "import {area, unused} from 'shapes'; import * as all from 'shapes'; console.log(area(3), all.name); export default class A { #x = 1n; static { area(2) } }",
    shapes: "export const name = `shapes`; export function area(r) { return Math.PI * r ** 2 } export function unused() { return /a(?<b>c)/u }",
};
const bundle = await rollup({input: "main", plugins: [{resolveId: (id) => id, load: (id) => files[id]}]});
for (const format of ["es", "cjs", "iife"]) {
    const {output} = await bundle.generate({format, name: "bundle", sourcemap: true, exports: "auto"});
    print(output[0].code, output[0].map.mappings);
}
await rollup({input: "bad", plugins: [{resolveId: (id) => id, load: () => "let a = 1; let a = 2;"}]}).catch((e) => print(e.message));
