// TypeScript with JSX to small JavaScript, by the Go program in WebAssembly; one input is wrong.
import {print, require} from "./package.mjs";

const esbuild = require("esbuild-wasm");
const source = `
enum Colour { red = 1, green, blue }
interface Shape { readonly sides: number }
const square = <T extends Shape>(s: T): number => s.sides ** 2;
export class Box<T> implements Shape { #inside?: T; sides = 4; get inside() { return this.#inside ?? null } }
export const page = (names: string[]) => <ul>{names.map((n) => <li key={n}>{n}: {Colour[2]}</li>)}</ul>;
export async function* all(x: AsyncIterable<number>) { for await (const y of x) yield square({ sides: y }) }
`;
for (const options of [{minify: true, target: "es2019"}, {target: "es2015", sourcemap: true, sourcefile: "a.tsx"}]) {
    const {code, map, warnings} = await esbuild.transform(source, {loader: "tsx", ...options});
    print(code, map, warnings.length);
}
await esbuild.transform("const a = ;", {loader: "ts", logLevel: "silent"}).catch((e) => print(e.message));
await esbuild.stop();
