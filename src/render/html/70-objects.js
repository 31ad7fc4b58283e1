// What data the waste is in, where the run followed objects.

const OBJECTS_SHOWN = 30;

function pairsOfObject(model, id) {
    const pairs = [];
    for (let i = 0; i < model.count; i++)
        if (model.objectsOf(i).some(([object]) => object === id))
            pairs.push(i);
    return pairs;
}

// Looks like a link, and shows pairs.
function leadButton(words, go) {
    const button = make("button", { type: "button", className: "lead" }, middle(words));
    button.addEventListener("click", go);
    return button;
}

// How often, for how long, and what of it is never read: blocks of the heap by size, other objects by accesses.
function useWords(o) {
    const words = [`${grouped(o.loads)} loads, ${grouped(o.stores)} stores`];
    if (o.blocks)
        words.push(`${grouped(o.blocks)} ${o.blocks === 1 ? "block" : "blocks, each"} in use for ${grouped(Math.floor(o.lifetime / o.blocks))} accesses`);
    if (o.neverRead)
        words.push(`never read: ${byteWords(o.neverRead)}`);
    return words.join("; ");
}

function showUses(model, lead) {
    const accesses = (o) => o.loads + o.stores, all = model.objects.reduce((sum, o) => sum + accesses(o), 0);
    const ranked = [...model.objects].sort((a, b) => accesses(b) - accesses(a)).slice(0, OBJECTS_SHOWN);
    if (!all)
        return;
    byId("uses").append(make("tr", {}, make("th", {}, "Object"), make("th", { className: "number" }, "Of all accesses"),
        make("th", {}, "Use"), make("th", { className: "number" }, "Size")));
    for (const o of ranked)
        byId("uses").append(make("tr", {},
            make("td", {}, leadButton(objectWords(o), () => lead(objectWords(o), pairsOfObject(model, o.id)))),
            make("td", { className: "number" }, shareWords(accesses(o) / all)), make("td", {}, useWords(o)),
            make("td", { className: "number" }, o.size ? byteWords(o.size) : "")));
    byId("uses-section").hidden = false;
}

function showObjects(model, lead) {
    if (!model.run.byObject || !model.objects.length)
        return;
    const waste = (o) => o.bytes.reduce((sum, bytes, kind) => sum + (KINDS[kind].waste ? bytes : 0), 0);
    const ranked = model.objects.map((o) => [o, waste(o)]).filter((o) => o[1]).sort((a, b) => b[1] - a[1]).slice(0, OBJECTS_SHOWN);
    showUses(model, lead);
    if (!ranked.length)
        return;
    const most = ranked[0][1] || 1;
    byId("objects").append(make("tr", {}, make("th", {}, "Object"), make("th", {}, "Waste"), make("th", { className: "number" }, "Bytes"),
        make("th", { className: "number" }, "Size")));
    for (const [o, bytes] of ranked)
        byId("objects").append(make("tr", {},
            make("td", {}, leadButton(objectWords(o), () => lead(objectWords(o), pairsOfObject(model, o.id)))),
            make("td", { className: "picture" }, shareBar(KIND_ORDER.filter((k) => KINDS[k].waste).map((k) => [`k${k}`, o.bytes[k] / most]),
                byteWords(bytes))),
            make("td", { className: "number" }, byteWords(bytes)),
            make("td", { className: "number" }, o.size ? byteWords(o.size) : "")));
    byId("objects-section").hidden = false;
}
