// Puts the parts together.

const model = loadModel(JSON.parse(byId("data").textContent));
showHead(model.run);
showTrap(model);
const table = new PairTable(model, (pair) => showPair(model, pair, () => table.box.focus()));
const lead = (words, pairs) => table.lead(words, pairs);
showFindings(model, (finding) => {
    table.lead(findingWords(model, finding), finding.pairs);
    showPair(model, finding.best, () => table.box.focus());
});
new Flame(model, lead);
showMap(model, lead);
showObjects(model, lead);
showUnread(model);
new SourceView(model, lead);
showParts();
document.addEventListener("keydown", (event) => {
    if (event.key === "/" && !["INPUT", "SELECT"].includes(event.target.tagName)) {
        event.preventDefault();
        byId("find").focus();
    }
});
