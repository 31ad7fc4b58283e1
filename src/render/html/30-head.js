// What ran, how it ended, and the shares of waste as bars.

function endingWords(run) {
    if (run.trap === "interrupt")
        return "A signal interrupted the program; this is about what ran before.";
    if (run.trap === "timeout")
        return "The program ran into the time limit; this is about what ran before.";
    if (run.trap === "invalid exit status")
        return "The program ended itself with an exit status that is not allowed (126 or more).";
    if (run.trap === "the trace does not say")
        return "The program is not known to have ended: the trace does not say.";
    if (run.trap)
        return `The program trapped: ${run.trap}.`;
    return run.exitCode === null ? "The program ended by itself." : `The program ended by itself, with exit status ${run.exitCode}.`;
}

// The same words as the summary's.
function refusedWords(run) {
    if (!run.refused)
        return "";
    return ` Before that, it asked for more memory than --max-memory allows, ${grouped(run.refused)} time${run.refused === 1 ? "" : "s"}.`;
}

function noteWords(run) {
    const notes = [];
    if (run.lost)
        notes.push(`${grouped(run.lost)} of ${grouped(run.lost + run.accesses)} accesses were not recorded; this is about the others.`);
    if (run.runs > 1)
        notes.push(`Added up from ${grouped(run.runs)} runs; how the worst of them ended stands above.`);
    if (run.suppressed)
        notes.push(`${grouped(run.suppressed)} pairs are not listed, though totals count them: they are suppressed, or in the baseline.`);
    if (run.byTrace)
        notes.push(`Analysed from recorded accesses: ${run.byTrace}.`);
    if (run.maxMemory)
        notes.push(`Its memories were limited to ${byteWords(run.maxMemory)} (--max-memory).`);
    if (run.sharedMemory)
        notes.push("A memory is shared with threads that were not observed.");
    for (const [name, calls] of run.opaque)
        notes.push(`${name}, an import that nobody knows, was called ${grouped(calls)} times.`);
    if (!run.linesSource)
        notes.push("The module has no debug information, so places are offsets in its file.");
    else if (run.linesFound < run.linesBytes)
        notes.push(`Source lines were found for ${shareWords(run.linesFound / run.linesBytes)} of the bytes.`);
    if (run.linesWarning)
        notes.push(`Warning: ${run.linesWarning}.`);
    return notes;
}

// The calls that were under way when the program trapped, and the address that it went to.
function showTrap(model) {
    const run = model.run;
    if (run.trapAt)
        byId("ending").firstChild.after(` It was an access at ${run.trapAt[0]}, where memory has ${run.trapAt[1]} bytes.`);
    run.trapCalls.forEach((index, i) => {
        const side = model.sides[index], frames = side.frames.length ? side.frames : [{ func: side.func, file: null }];
        const words = frames.map((f, k) => (k ? "inlined into " : i ? "called by " : "in ") + (f.func || "?") +
            (f.file ? `, ${placeWords(f)}` : ""));
        byId("trap").append(make("li", {}, `${side.address}${i ? "" : ` ${side.op || ""}`} ${words.join(", ")}`));
    });
}

function runParts(run) {
    const parts = [[run.loads, "loads"], [run.stores, "stores"], [run.others, "atomic and bulk accesses"],
                   [run.hostReads, "reads by the host"], [run.hostWrites, "writes by the host"]];
    return parts.filter(([n]) => n).map(([n, word]) => `${grouped(n)} ${word}`).join(", ");
}

function shareView(run, kind) {
    const words = KINDS[kind], [instances, bytes] = run.totals[kind], all = shareBase(run, kind), share = all ? bytes / all : 0;
    return make("div", { className: `share${words.waste ? "" : " apart"}`, title: `${grouped(instances)} times` },
        make("span", { className: "name" }, words.plural),
        make("span", { className: "number" }, shareWords(share)),
        shareBar([[`k${kind}`, share]], `${words.plural}: ${shareWords(share)} of the bytes ${words.of}`, 8),
        make("span", { className: "quiet" }, `${byteWords(bytes)} of ${words.of}: ${words.meaning}`));
}

function showHead(run) {
    const name = fileName(run.path);
    document.title = `Memory use of ${name}`;
    byId("title").append("Memory use of ", middle(name), make("span", { className: "quiet" }, ` ${byteWords(run.size)}`));
    byId("ending").append(endingWords(run) + refusedWords(run),
        make("span", { className: "quiet" }, ` ${grouped(run.accesses)} accesses: ${byteWords(run.bytesLoaded)} loaded, ${byteWords(run.bytesStored)} stored.`));
    byId("unoptimised").hidden = !run.unoptimised;
    byId("counts").textContent = `${grouped(run.accesses)} accesses: ${runParts(run)}. ${byteWords(run.bytesLoaded)} loaded, ` +
        `${byteWords(run.bytesStored)} stored, of which ${byteWords(run.unread)} were unread at the end.`;
    byId("notes").append(...noteWords(run).map((note) => make("li", {}, note)));
    const wasted = KIND_ORDER.filter((kind) => KINDS[kind].waste), apart = KIND_ORDER.filter((kind) => !KINDS[kind].waste);
    byId("shares").append(...[...wasted, ...apart].map((kind) => shareView(run, kind)));
}

// Links to the parts of the page that there are.
function showParts() {
    for (const head of document.querySelectorAll("main section:not([hidden]) > h2:not(.hidden)"))
        byId("parts").append(make("a", { href: `#${head.parentElement.id}` }, head.textContent));
}
