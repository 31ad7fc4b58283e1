// Puts the parts together.

const model = loadModel(JSON.parse(byId("data").textContent));
showHead(model.run);
showTrap(model);
const table = new PairTable(model, (pair) => showPair(model, pair, () => table.box.focus()));
new Flame(model);
showMap(model.run);
showObjects(model);
document.addEventListener("keydown", (event) => {
    if (event.key === "/" && !["INPUT", "SELECT"].includes(event.target.tagName)) {
        event.preventDefault();
        byId("find").focus();
    }
});
