// A tone and a picture that moves are made, encoded, and read again; files lie in the program's memory.
import {digest, path, print, require} from "./package.mjs";
import {readFileSync} from "node:fs";

globalThis.self = {location: {href: "file:///ffmpeg"}}; // the package is for workers of a browser
globalThis.importScripts = () => {};
globalThis.WorkerGlobalScope = Object;
const core = await require(path("@ffmpeg/core/dist/umd/ffmpeg-core.js"))({wasmBinary: readFileSync(path("@ffmpeg/core/dist/umd/ffmpeg-core.wasm"))});
const lines = [];
core.setLogger(({message}) => lines.push(message));
for (const words of ["-f lavfi -i testsrc=size=96x64:rate=5:duration=2 -f lavfi -i sine=frequency=440:duration=2 -c:v mpeg4 -c:a aac -bitexact a.mp4",
                     "-i a.mp4 -vf scale=48:32,hue=s=0 -an -c:v png -f image2pipe -bitexact b.png", "-i nothing.mp4 c.wav"]) {
    lines.length = 0;
    print(core.exec(...words.split(" ")), lines.at(-1)?.replace(/speed=.*|elapsed=.*/, ""));
    core.reset();
}
for (const name of ["a.mp4", "b.png"]) {
    const bytes = core.FS.readFile(name);
    print(name, bytes.length, digest(bytes));
}
process.exit(0);
