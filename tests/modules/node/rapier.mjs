// A heap of boxes and balls falls on the ground: SIMD; positions, and the world's bytes after 200 steps.  The package is for
// bundlers, which find files without their endings and take a .wasm for a module; so does Node with these hooks.
import {existsSync, readFileSync} from "node:fs";
import {registerHooks} from "node:module";
import {fileURLToPath} from "node:url";
import {digest, load, print} from "./package.mjs";

registerHooks({
    resolve(name, context, next) {
        const url = name.startsWith(".") && new URL(name, context.parentURL).href;
        const found = url && [url, url + ".js", url + "/index.js"].find((u) => /\.\w+$/.test(u) && existsSync(fileURLToPath(u)));
        return found ? {url: found, format: "module", shortCircuit: true} : next(name, context);
    },
    load(url, context, next) {
        if (!url.endsWith(".wasm")) {
            return next(url, {...context, format: url.startsWith("node:") ? context.format : "module"});
        }
        const names = WebAssembly.Module.exports(new WebAssembly.Module(readFileSync(fileURLToPath(url)))).map((e) => e.name);
        const source = `import {readFileSync} from "node:fs";
            import * as glue from "./rapier_wasm3d_bg.js";
            const module = new WebAssembly.Module(readFileSync(new URL(${JSON.stringify(url)})));
            const {exports} = new WebAssembly.Instance(module, {"./rapier_wasm3d_bg.js": glue});
            export const {${names.join(", ")}} = exports;`;
        return {format: "module", source, shortCircuit: true};
    },
});
const {ColliderDesc, RigidBodyDesc, World, version} = await load("@dimforge/rapier3d-simd/rapier.js");
const world = new World({x: 0, y: -9.81, z: 0});
world.createCollider(ColliderDesc.cuboid(30, 0.5, 30));
const bodies = [];
for (let i = 0; i < 60; i++) {
    const body = world.createRigidBody(RigidBodyDesc.dynamic().setTranslation((i % 4) * 0.9, 2 + i * 0.7, (i % 3) * 0.8));
    world.createCollider(i % 2 ? ColliderDesc.cuboid(0.5, 0.3, 0.4) : ColliderDesc.ball(0.45), body);
    bodies.push(body);
}
for (let i = 0; i < 200; i++) {
    world.step();
}
print(version(), ...bodies.map((b) => JSON.stringify(b.translation())));
print(digest(world.takeSnapshot()));
