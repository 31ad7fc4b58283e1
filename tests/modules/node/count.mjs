// node --import=./count.mjs SCRIPT ...: when a process ends that instantiated instrumented modules, it writes to the file TRACE_COUNT
// how many bytes of records they made and how many accesses they lost.
import {writeFileSync} from "node:fs";
import {isMainThread} from "node:worker_threads";

const instances = [];
const {Instance, instantiate, instantiateStreaming} = WebAssembly;
WebAssembly.Instance = new Proxy(Instance, {
    construct(target, args) {
        const made = Reflect.construct(target, args);
        instances.push(made);
        return made;
    },
});
const note = (made) => {
    instances.push(made.instance ?? made);
    return made;
};
WebAssembly.instantiate = (...args) => instantiate(...args).then(note);
WebAssembly.instantiateStreaming = (...args) => instantiateStreaming(...args).then(note);

const count = process.env.TRACE_COUNT; // a program may clear its environment
if (count) {
    process.on("SIGTERM", () => process.exit(143)); // else that is no exit
}
process.on("exit", () => {
    if (!isMainThread || !count) {
        return;
    }
    const all = {instances: 0, bytes: 0, lost: 0};
    for (const {exports} of instances) {
        if (exports._trace_mem_pointer) {
            all.instances++;
            all.bytes += (exports._trace_mem_pointer.value >>> 0) - 65536;
            all.lost += Number(exports._trace_lost.value);
        }
    }
    if (all.instances) {
        writeFileSync(count, JSON.stringify(all));
    }
});
