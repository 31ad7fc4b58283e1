// One pair: the sources of both sides, once where both are one place, the frames around, call paths and objects.

const AROUND = 5, PARTS = 8;

function codeLine(number, text, marked) {
    return make("div", { className: marked ? "marked" : "" }, make("span", { className: "n" }, String(number)), make("span", {}, text));
}

// Points at columns, from 1, of the line above; letters before them are as wide as in the text.
function columnMarks(text, columns) {
    const at = [...new Set(columns)].filter((c) => c > 0 && c <= text.length);
    if (!at.length)
        return null;
    const marks = Array.from({ length: Math.max(...at) }, (_, i) => (at.includes(i + 1) ? "^" : " ")).join("");
    return make("div", { className: "columns-marked", ariaHidden: "true" }, make("span", { className: "n" }), make("span", {}, marks));
}

function codeBlock(model, frame, columns = [frame.column]) {
    let lines = frame.file && frame.line ? model.source(frame.file, frame.line, AROUND) : [];
    if (!lines.length && frame.text)
        lines = [[frame.line, frame.text]];
    if (!lines.length)
        return make("p", { className: "quiet" }, "The source file is not at hand (--source-map says where to look).");
    const block = make("div", { className: "code", tabIndex: 0 });
    for (const [number, text] of lines) {
        block.append(codeLine(number, text, number === frame.line));
        const marks = number === frame.line ? columnMarks(text, columns) : null;
        if (marks)
            block.append(marks);
    }
    return block;
}

function placeWords(frame) {
    if (!frame.file)
        return "";
    return frame.line ? `${frame.file}:${frame.line}${frame.column ? ":" + frame.column : ""}` : frame.file;
}

function pathList(items) {
    return make("ol", { className: "path" }, ...items.map((item) => make("li", {}, item)));
}

function frameItem(frame) {
    return make("span", {}, `${frame.func || "?"}  `, placeLink(frame, placeWords(frame)));
}

// `shown`: whether the source stands here, or once for both sides.
function sideView(model, title, side, context, shown) {
    const view = make("div", { className: "side" }, make("h3", {}, title));
    if (side.origin) {
        view.append(make("p", {}, side.origin === "the host" ? "Written by the host." : "The memory's initial content."));
        return view;
    }
    view.append(make("p", {}, make("strong", {}, side.func), side.op ? ` · ${side.op}` : "", ` · ${side.address}`,
        side.base ? make("span", { className: "quiet" }, ` · address: ${side.base}`) : ""));
    if (!side.placed)
        view.append(make("p", { className: "quiet" }, side.why ? `No source line: ${side.why}.` : "No source line is known."));
    else if (shown)
        view.append(make("p", { className: "quiet" }, placeLink(side.own, placeWords(side.own))), codeBlock(model, side.own));
    if (side.inner.length)
        view.append(make("p", { className: "quiet" }, "The access is in what is inlined there, innermost first:"), pathList(side.inner.map(frameItem)));
    const outer = side.frames.slice(side.inner.length + 1);
    if (outer.length)
        view.append(make("p", { className: "quiet" }, `${side.func} is inlined into:`), pathList(outer.map(frameItem)));
    if (context)
        view.append(make("p", { className: "quiet" }, "Call path, outermost first:"),
            pathList(contextPath(model, context).map((c) => (c.call ? `${c.func} (called at ${c.call.place})` : c.func))));
    return view;
}

// The source of both sides where it is one line: that once, with the column of each.
function sharedSource(model, first, second) {
    if (!samePlace(first, second))
        return null;
    const columns = first.own.column && first.own.column !== second.own.column ? `, the first at column ${first.own.column}` : "";
    return make("div", { className: "shared" }, make("p", { className: "quiet" }, "Both accesses are at ", placeLink(second.own, placeWords(second.own)), columns),
        codeBlock(model, second.own, [first.own.column, second.own.column]));
}

function objectWords(o) {
    const name = o.name || (o.call ? `allocated by ${o.call.func} at ${o.call.place}` : "");
    return name ? `${o.kind}: ${name}` : o.kind;
}

function showPair(model, pair, back) {
    const box = byId("detail"), kind = KINDS[model.kind(pair)];
    const close = make("button", { type: "button", className: "close" }, "Close");
    const leave = () => {
        box.hidden = true;
        back();
    };
    close.addEventListener("click", leave);
    box.onkeydown = (event) => {
        if (event.key === "Escape")
            leave();
    };
    const contexts = model.partsOf(pair), objects = model.objectsOf(pair);
    const shared = sharedSource(model, model.first(pair), model.second(pair));
    const [firstContext, secondContext] = contexts.length ? contexts[0] : [0, 0];
    box.replaceChildren(
        make("div", { className: "head" },
            make("h3", {}, dot(model.kind(pair)), `${kind.name}: ${kind.meaning} `, gradeWords(model.grade(pair), model.effect(pair))), close),
        make("p", {}, `${byteWords(model.bytes(pair))} in ${grouped(model.instances(pair))} instances, ` +
            `${shareWords(model.share(pair))} of all bytes ${kind.of}.` +
            (model.constant(pair) === null ? "" : ` It stores ${model.constant(pair)} each time.`)),
        model.advice(pair) ? make("p", { className: "advice" }, make("strong", {}, `${model.class(pair)}: `), model.advice(pair)) : "",
        distanceView(model, pair) || "",
        shared || "",
        make("div", { className: "sides" }, sideView(model, "First access", model.first(pair), firstContext, !shared),
            sideView(model, "Second access", model.second(pair), secondContext, !shared)));
    if (contexts.length > 1)
        box.append(make("p", { className: "quiet" }, `The call paths shown have the most bytes; there are ${grouped(contexts.length)} pairs of them.`));
    if (objects.length)
        box.append(make("h3", {}, "Objects"), make("ul", { className: "parts" }, ...objects.slice(0, PARTS).map(([id, instances, bytes]) =>
            make("li", {}, `${objectWords(model.objectById.get(id))} (${byteWords(bytes)}, ${grouped(instances)} times)`))));
    box.hidden = false;
    box.focus({ preventScroll: true });
    box.scrollIntoView({ block: "nearest" });
}
