// Pipelines of a toolkit for images, each a WASI reactor, one after the other: the folder of modules, then for each pipeline a module's
// name, the files that it makes, a colon, and its arguments; a comma stands between two.  Files lie in the current folder.
import {existsSync, readFileSync} from "node:fs";
import {WASI} from "node:wasi";
import {digest, print} from "./package.mjs";

const [root, folder, ...words] = process.argv.slice(2);

async function run(name, args, files) {
    const wasi = new WASI({version: "preview1", args: [name, ...args], preopens: {".": "."}, returnOnExit: true});
    const {instance} = await WebAssembly.instantiate(readFileSync(`${root}/${folder}/${name}.wasm`), wasi.getImportObject());
    try {
        wasi.initialize(instance);
        print(instance.exports.itk_wasm_delayed_start());
    } catch (e) { // it ends with proc_exit, or traps
        print(e instanceof Error ? e.message : "exit");
    }
    for (const file of files) {
        print(file, existsSync(file) ? digest(readFileSync(file)) : "is not there");
    }
}

while (words.length) {
    const [name, ...rest] = words.splice(0, words.indexOf(",") + 1 || words.length).filter((word) => word !== ",");
    const colon = rest.indexOf(":");
    await run(name, rest.slice(colon + 1), rest.slice(0, colon));
}
