// Pairs put together: by what they are known by, and the findings that are worth looking at first.

const FINDINGS = 5;
const HOUSEKEEPING = "housekeeping: what the allocator and the runtime do to their own memory";

// Ways to group: the key of a pair's group, and how it is called.
const GROUPINGS = [
    { key: "function", name: "function", of: (m, i) => [groupOfFunction(m.second(i))] },
    { key: "line", name: "line", of: (m, i) => [groupOfLine(m.second(i))] },
    { key: "file", name: "file", of: (m, i) => [groupOfFile(m.second(i))] },
    { key: "object", name: "object", of: groupsOfObjects },
];

function groupOfFunction(side) {
    const file = side.own && (side.own.home || side.own.file);
    return { key: `${side.func}\0${file || side.address}`, name: side.func, more: file ? fileName(file) : "" };
}

function groupOfLine(side) {
    return { key: side.key, name: side.placed ? `${side.own.file}:${side.own.line}` : side.address, more: side.func, frame: side.placed ? side.own : null };
}

function groupOfFile(side) {
    const file = side.placed ? side.own.file : "";
    return { key: file, name: file || "no source line is known", more: file ? "its source" : "", frame: file ? { file, line: side.own.line } : null };
}

function groupsOfObjects(m, i) {
    return m.objectsOf(i).map(([id, instances, bytes]) => ({ key: String(id), name: objectWords(m.objectById.get(id)), more: "", bytes, instances }));
}

// The groups of these pairs: bytes by kind, and which pairs they are.
function groupPairs(model, pairs, grouping) {
    const groups = new Map();
    for (const i of pairs) {
        const folded = model.housekeeping(i) && (grouping.key === "function" || grouping.key === "line");
        for (const part of folded ? [{ key: "\0", name: HOUSEKEEPING, more: "" }] : grouping.of(model, i)) {
            let group = groups.get(part.key);
            if (!group)
                groups.set(part.key, group = { ...part, bytes: [0, 0, 0, 0], waste: 0, effect: 0, pairs: [] });
            const bytes = part.bytes === undefined ? model.bytes(i) : part.bytes, kind = model.kind(i);
            group.bytes[kind] += bytes;
            group.waste += KINDS[kind].waste ? bytes : 0;
            group.effect += folded ? 0 : model.effect(i) * (model.bytes(i) ? bytes / model.bytes(i) : 0);
            group.pairs.push(i);
        }
    }
    return [...groups.values()];
}

// Pairs of one kind that are one place in the source: of redundant loads the one that loads again, of stores both.
function findFindings(model) {
    const found = new Map();
    for (let i = 0; i < model.count; i++) {
        const kind = model.kind(i);
        if (!KINDS[kind].waste || model.housekeeping(i))
            continue;
        const key = `${kind}\0${model.second(i).key}` + (KINDS[kind].of === "stored" ? `\0${model.first(i).key}` : "");
        let finding = found.get(key);
        if (!finding)
            found.set(key, finding = { kind, best: i, effect: 0, bytes: 0, instances: 0, pairs: [] });
        finding.effect += model.effect(i);
        finding.bytes += model.bytes(i);
        finding.instances += model.instances(i);
        finding.pairs.push(i);
        if (model.effect(i) > model.effect(finding.best))
            finding.best = i;
    }
    return [...found.values()].sort((a, b) => b.effect - a.effect || b.bytes - a.bytes || a.best - b.best);
}
