// One pair: both sources side by side, the call paths, the object.

const AROUND = 5, PARTS = 8;

function codeBlock(model, frame) {
    let lines = frame.file && frame.line ? model.source(frame.file, frame.line, AROUND) : [];
    if (!lines.length && frame.text)
        lines = [[frame.line, frame.text]];
    if (!lines.length)
        return make("p", { className: "quiet" }, "The source file is not at hand (--source-map says where to look).");
    const block = make("div", { className: "code", tabIndex: 0 });
    for (const [number, text] of lines)
        block.append(make("div", { className: number === frame.line ? "marked" : "" },
            make("span", { className: "n" }, String(number)), make("span", {}, text)));
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

function sideView(model, title, side, context) {
    const view = make("div", { className: "side" }, make("h3", {}, title));
    if (side.origin) {
        view.append(make("p", {}, side.origin === "the host" ? "Written by the host." : "The memory's initial content."));
        return view;
    }
    view.append(make("p", {}, make("strong", {}, side.func), side.op ? ` · ${side.op}` : "", ` · ${side.address}`,
        side.base ? make("span", { className: "quiet" }, ` · address: ${side.base}`) : ""));
    const frame = side.frames[0];
    if (frame && frame.file) {
        view.append(make("p", { className: "quiet" }, placeWords(frame)), codeBlock(model, frame));
    } else {
        view.append(make("p", { className: "quiet" }, side.why ? `No source line: ${side.why}.` : "No source line is known."));
    }
    if (side.frames.length > 1)
        view.append(make("p", { className: "quiet" }, "Inlined, innermost first:"),
            pathList(side.frames.map((f) => `${f.func || "?"}  ${placeWords(f)}`)));
    if (context)
        view.append(make("p", { className: "quiet" }, "Call path, outermost first:"),
            pathList(contextPath(model, context).map((c) => (c.call ? `${c.func} (called at ${c.call.place})` : c.func))));
    return view;
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
    const [firstContext, secondContext] = contexts.length ? contexts[0] : [0, 0];
    box.replaceChildren(
        make("div", { className: "head" },
            make("h3", {}, make("span", { className: `dot d${model.kind(pair)}` }), `${kind.name}: ${kind.meaning}`), close),
        make("p", {}, `${byteWords(model.bytes(pair))} in ${grouped(model.instances(pair))} instances, ` +
            `${shareWords(model.share(pair))} of all bytes ${kind.of}.` +
            (model.constant(pair) === null ? "" : ` It stores ${model.constant(pair)} each time.`)),
        model.advice(pair) ? make("p", { className: "advice" }, make("strong", {}, `${model.class(pair)}: `), model.advice(pair)) : "",
        make("div", { className: "sides" }, sideView(model, "First access", model.first(pair), firstContext),
            sideView(model, "Second access", model.second(pair), secondContext)));
    if (contexts.length > 1)
        box.append(make("p", { className: "quiet" }, `The call paths shown have the most bytes; there are ${grouped(contexts.length)} pairs of them.`));
    if (objects.length)
        box.append(make("h3", {}, "Objects"), make("ul", { className: "parts" }, ...objects.slice(0, PARTS).map(([id, instances, bytes]) =>
            make("li", {}, `${objectWords(model.objectById.get(id))} (${byteWords(bytes)}, ${grouped(instances)} times)`))));
    box.hidden = false;
    box.focus({ preventScroll: true });
    box.scrollIntoView({ block: "nearest" });
}
