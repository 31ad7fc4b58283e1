// What the scripts beside this one share: each is called with the folder that holds node_modules.
import {createHash} from "node:crypto";
import {createRequire} from "node:module";
import {join, resolve} from "node:path";
import {pathToFileURL} from "node:url";

const folder = resolve(process.argv[2]);

export const path = (...words) => join(folder, "node_modules", ...words);
export const require = createRequire(join(folder, "script.js"));
export const load = (...words) => import(pathToFileURL(path(...words)).href);
export const digest = (bytes) => createHash("sha256").update(bytes).digest("hex");
export const print = (...words) => console.log(...words);
