// The report's data, and what is derived from it once.  Nothing here touches the page.

// Kinds as the data numbers them; `of`: which bytes their share is of.
const KINDS = [
    { name: "dead store", plural: "Dead stores", of: "stored", meaning: "overwritten before anything read them", waste: true },
    { name: "redundant load", plural: "Redundant loads", of: "loaded",
      meaning: "loaded again with nothing between: the program had the value already", waste: true },
    { name: "load after a store", plural: "Loads after a store", of: "loaded",
      meaning: "fetched what the program had just put there: often ordinary communication through memory", waste: false },
    { name: "silent store", plural: "Silent stores", of: "stored", meaning: "wrote what memory held already", waste: true },
];
// Surest waste first.
const KIND_ORDER = [1, 0, 3, 2];
const ORIGINS = [null, "initial content", "the host"];
const PAIR_NUMBERS = 5, PAIR_CONTEXT_NUMBERS = 5, PAIR_OBJECT_NUMBERS = 4;

function loadModel(data) {
    const text = (i) => (i < 0 ? null : data.strings[i]);
    const frames = data.frames.map((f) => ({ func: text(f[0]), file: text(f[1]), line: f[2], column: f[3], text: text(f[4]) }));
    const stacks = data.stacks.map((s) => s.map((i) => frames[i]));
    const sides = data.sides.map((s) => makeSide(s, text, stacks));
    const model = {
        run: data, sides, count: data.pairs.length / PAIR_NUMBERS,
        kind: (i) => data.pairs[i * PAIR_NUMBERS],
        first: (i) => sides[data.pairs[i * PAIR_NUMBERS + 1]],
        second: (i) => sides[data.pairs[i * PAIR_NUMBERS + 2]],
        instances: (i) => data.pairs[i * PAIR_NUMBERS + 3],
        bytes: (i) => data.pairs[i * PAIR_NUMBERS + 4],
    };
    const classed = data.pairClasses.length > 0;
    model.classed = classed;
    model.class = (i) => (classed && text(data.pairClasses[i * 3]) || "").replaceAll("_", " ");
    model.advice = (i) => (classed ? text(data.pairClasses[i * 3 + 1]) : null);
    model.constant = (i) => (classed ? text(data.pairClasses[i * 3 + 2]) : null);
    model.share = (i) => {
        const all = shareBase(data, model.kind(i));
        return all ? model.bytes(i) / all : 0;
    };
    model.contexts = new Map();
    for (let i = 0; i < data.contexts.length; i += 4)
        model.contexts.set(data.contexts[i], { parent: data.contexts[i + 1], func: text(data.contexts[i + 2]),
                                               call: data.contexts[i + 3] < 0 ? null : sides[data.contexts[i + 3]] });
    model.objects = data.objects.map((o) => ({ id: o[0], kind: text(o[1]), name: text(o[2]),
                                               call: o[3] < 0 ? null : sides[o[3]], context: o[4], size: o[5], blocks: o[6],
                                               bytes: o.slice(7) }));
    model.objectById = new Map(model.objects.map((o) => [o.id, o]));
    model.partsOf = indexParts(data.pairContexts, PAIR_CONTEXT_NUMBERS);
    model.objectsOf = indexParts(data.pairObjects, PAIR_OBJECT_NUMBERS);
    model.source = indexSources(data.sources, text);
    return model;
}

function shareBase(run, kind) {
    return KINDS[kind].of === "stored" ? run.bytesStored : run.bytesLoaded;
}

function makeSide([origin, loc, name, op, stack, why, base], text, stacks) {
    const side = { base: text(base), origin: ORIGINS[origin], loc, op: text(op), frames: stack < 0 ? [] : stacks[stack], why: text(why) };
    const own = text(name);
    const inner = side.frames.find((f) => f.func);
    side.module = own;
    side.func = side.origin || (inner && inner.func) || own || "outside";
    const placed = side.frames[0] && side.frames[0].file ? side.frames[0] : null;
    const address = side.origin ? "" : "0x" + loc.toString(16).toUpperCase();
    side.address = address;
    const outer = side.frames.length > 1 ? side.frames[side.frames.length - 1].func : null;
    side.place = side.origin ? "" : placed ? shortPlace(placed) : address;
    side.within = side.place + (outer && outer !== side.func ? `, in ${outer}` : ""); // what it is inlined into
    side.words = [side.func, own, address, ...side.frames.map((f) => `${f.func || ""} ${f.file || ""}:${f.line}`)]
        .join(" ").toLowerCase();
    return side;
}

function shortPlace(frame) {
    const name = frame.file.slice(Math.max(frame.file.lastIndexOf("/"), frame.file.lastIndexOf("\\")) + 1);
    return frame.line ? `${name}:${frame.line}` : name;
}

// Parts of pairs lie together, pair by pair: pair -> [from, to) in numbers.
function indexParts(numbers, width) {
    const ranges = new Map();
    for (let at = 0; at < numbers.length; at += width) {
        const range = ranges.get(numbers[at]);
        if (range)
            range[1] = at + width;
        else
            ranges.set(numbers[at], [at, at + width]);
    }
    return (pair) => {
        const range = ranges.get(pair), parts = [];
        for (let at = range ? range[0] : 0; range && at < range[1]; at += width)
            parts.push(numbers.slice(at + 1, at + width));
        return parts;
    };
}

function indexSources(list, text) {
    const files = new Map();
    for (let i = 0; i < list.length; i += 3) {
        const file = text(list[i]);
        if (!files.has(file))
            files.set(file, new Map());
        files.get(file).set(list[i + 1], list[i + 2]);
    }
    // The lines around one, as [number, text].
    return (file, line, around) => {
        const known = files.get(file), lines = [];
        for (let n = line - around; known && n <= line + around; n++)
            if (known.has(n))
                lines.push([n, known.get(n)]);
        return lines;
    };
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
