// Sides of pairs: the frame that each is known by, what stands in it and around it, and the lines of source.

// Which of a side's frames it is known by: `own`, where the data says, else the innermost.
function makeSide([origin, loc, name, op, stack, why, base, own], text, stacks) {
    const frames = stack < 0 ? [] : stacks[stack], at = own >= 0 && own < frames.length ? own : 0;
    const side = { base: text(base), origin: ORIGINS[origin], loc, op: text(op), frames, why: text(why), module: text(name) };
    side.own = frames[at] || null;
    side.inner = frames.slice(0, at); // what is inlined into the own frame
    const named = frames.slice(at).find((f) => f.func);
    side.func = side.origin || (named && named.func) || side.module || "outside";
    side.address = side.origin ? "" : addressWords(loc);
    side.placed = Boolean(side.own && side.own.file && side.own.line);
    side.place = side.origin ? "" : side.placed ? shortPlace(side.own) : side.address;
    const outer = frames.length ? frames[frames.length - 1].func : null;
    const through = side.inner.length ? side.inner[0].func : null;
    side.within = side.place + (outer && outer !== side.func ? `, in ${outer}` : "") + // what it is inlined into
        (through && through !== side.func ? `, through ${through}` : "");
    side.key = side.origin || (side.placed ? `${side.own.file}:${side.own.line}` : side.address);
    side.words = [side.func, side.module, side.address, ...frames.map((f) => `${f.func || ""} ${f.file || ""}:${f.line}`)]
        .join(" ").toLowerCase();
    return side;
}

function samePlace(a, b) {
    return a.placed && b.placed && a.key === b.key;
}

function fileName(path) {
    return path.slice(Math.max(path.lastIndexOf("/"), path.lastIndexOf("\\")) + 1);
}

function shortPlace(frame) {
    return frame.line ? `${fileName(frame.file)}:${frame.line}` : fileName(frame.file);
}

function indexSources(list, text) {
    const files = new Map();
    for (let i = 0; i < list.length; i += 3) {
        const file = text(list[i]);
        if (!files.has(file))
            files.set(file, new Map());
        files.get(file).set(list[i + 1], list[i + 2]);
    }
    const lines = (file) => files.get(file) || new Map();
    // The lines around one, as [number, text].
    const around = (file, line, most) => {
        const known = lines(file), found = [];
        for (let n = line - most; n <= line + most; n++)
            if (known.has(n))
                found.push([n, known.get(n)]);
        return found;
    };
    return { lines, around };
}

// Functions of a context, outermost first.
function contextPath(model, id) {
    const path = [];
    for (let c = model.contexts.get(id); c && path.length < 1000; c = model.contexts.get(c.parent))
        path.unshift({ func: c.func || "(other contexts)", call: c.call });
    return path;
}

// Where a side's work is put in the flame graph: functions, outermost first.
function framesPath(side) {
    const path = side.frames.map((f) => f.func || "?").reverse();
    if (path.length)
        return path;
    return [side.func];
}
