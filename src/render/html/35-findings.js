// The findings that are worth looking at first: each with its line, the source there, and what to do.

function findingWords(model, finding) {
    const second = model.second(finding.best);
    return `${KINDS[finding.kind].name} in ${second.func}, ${second.place}`;
}

function findingView(model, finding) {
    const { kind, best } = finding, second = model.second(best), first = model.first(best);
    const all = shareBase(model.run, kind), line = second.own && second.own.text;
    const parts = [
        make("span", { className: "what" }, dot(kind), make("strong", {}, middle(second.func)), gradeWords(model.gradeOf(finding.effect), finding.effect),
            make("span", { className: "number" }, byteWords(finding.bytes))),
        make("span", { className: "quiet where" }, make("span", { className: "word" }, `${KINDS[kind].name}, ${shareWords(all ? finding.bytes / all : 0)} of ${KINDS[kind].of}`), " · ",
            middle(second.within)),
    ];
    if (line)
        parts.push(make("code", { title: line.trim() }, line.trim()));
    if (KINDS[kind].of === "stored" && !samePlace(first, second))
        parts.push(make("span", { className: "quiet where" }, make("span", { className: "word" }, kind ? "over the same from " : "over what was stored by "),
            middle(first.origin ? first.func : `${first.func}, ${first.place}`)));
    const advice = model.advice(best);
    if (advice)
        parts.push(make("span", { className: "advice", title: advice }, advice));
    return make("button", { type: "button" }, ...parts);
}

function showFindings(model, open) {
    const findings = findFindings(model);
    for (const finding of findings.slice(0, FINDINGS)) {
        const view = findingView(model, finding);
        view.addEventListener("click", () => open(finding));
        byId("findings").append(make("li", {}, view));
    }
    if (!findings.length)
        byId("findings").replaceWith(make("p", { className: "quiet" }, "There is no waste in what is listed."));
}
