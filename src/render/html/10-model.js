// The report's data, and what is derived from it once.  Nothing here touches the page.

// Kinds as the data numbers them; `of`: which bytes their share is of.
const KINDS = [
    { name: "dead store", plural: "Dead stores", of: "stored", meaning: "overwritten before anything read them", waste: true },
    { name: "redundant load", plural: "Redundant loads", of: "loaded",
      meaning: "fetched again, and not written since: the program has had the value", waste: true },
    { name: "load after a store", plural: "Loads after a store", of: "loaded",
      meaning: "fetched what the program had just put there: often ordinary communication through memory", waste: false },
    { name: "silent store", plural: "Silent stores", of: "stored", meaning: "wrote what memory held already", waste: true },
];
// Surest waste first.
const KIND_ORDER = [1, 0, 3, 2];
const ORIGINS = [null, "initial content", "the host"];
const GRADES = ["low", "medium", "high"];
const PAIR_NUMBERS = 5, PAIR_CONTEXT_NUMBERS = 5, PAIR_OBJECT_NUMBERS = 4, PAIR_DISTANCE_NUMBERS = 13;

function loadModel(data) {
    const text = (i) => (i < 0 ? null : data.strings[i]);
    const frames = data.frames.map((f) => ({ func: text(f[0]), file: text(f[1]), line: f[2], column: f[3], text: text(f[4]), home: text(f[5]) }));
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
    model.housekeeping = (i) => model.class(i) === "housekeeping";
    addEffects(model, data);
    model.contexts = new Map();
    for (let i = 0; i < data.contexts.length; i += 4)
        model.contexts.set(data.contexts[i], { parent: data.contexts[i + 1], func: text(data.contexts[i + 2]),
                                               call: data.contexts[i + 3] < 0 ? null : sides[data.contexts[i + 3]] });
    model.objects = data.objects.map((o) => ({ id: o[0], kind: text(o[1]), name: text(o[2]),
                                               call: o[3] < 0 ? null : sides[o[3]], context: o[4], size: o[5], blocks: o[6],
                                               bytes: o.slice(7, 7 + KINDS.length), loads: o[7 + KINDS.length],
                                               stores: o[8 + KINDS.length], neverRead: o[9 + KINDS.length],
                                               lifetime: o[10 + KINDS.length] }));
    model.objectById = new Map(model.objects.map((o) => [o.id, o]));
    model.partsOf = indexParts(data.pairContexts, PAIR_CONTEXT_NUMBERS);
    model.distanceOf = indexParts(data.pairDistances || [], PAIR_DISTANCE_NUMBERS);
    model.objectsOf = indexParts(data.pairObjects, PAIR_OBJECT_NUMBERS);
    const sources = indexSources(data.sources, text);
    model.source = sources.around;
    model.sourceLines = sources.lines;
    return model;
}

// What mending a pair is expected to save, as a share of what all accesses cost, and how much that is; where the data does not say,
// bytes of waste.
function addEffects(model, data) {
    const effects = data.pairEffects || [];
    model.graded = effects.length > 0;
    model.effect = model.graded ? (i) => effects[i * 2] : (i) => (KINDS[model.kind(i)].waste ? model.bytes(i) : 0);
    model.grade = model.graded ? (i) => GRADES[effects[i * 2 + 1]] : () => null;
    model.gradeOf = (effect) => (model.graded ? GRADES[data.effectGrades.filter((from) => effect >= from).length] : null);
}

function shareBase(run, kind) {
    return KINDS[kind].of === "stored" ? run.bytesStored : run.bytesLoaded;
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
