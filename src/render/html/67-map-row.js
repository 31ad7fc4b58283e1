// What lies in a row of the map: pairs, and the objects that their second accesses were in there.

const SHARE_NUMBERS = 4, ROW_PAIRS = 10; // of a share: row, pair, object, bytes

// [pair, object, bytes] of a row.
function sharesOfRow(run, row) {
    const shares = [];
    for (let i = 0; i < run.mapShares.length; i += SHARE_NUMBERS)
        if (run.mapShares[i] === row)
            shares.push(run.mapShares.slice(i + 1, i + SHARE_NUMBERS));
    return shares;
}

function sumBy(shares, at) {
    const sums = new Map();
    for (const share of shares)
        sums.set(share[at], (sums.get(share[at]) || 0) + share[2]);
    return [...sums.entries()].sort((a, b) => b[1] - a[1]);
}

function amountRow(bytes, ...what) {
    return make("tr", {}, make("td", {}, ...what), make("td", { className: "number" }, byteWords(bytes)));
}

function showMapRow(model, row, kinds, lead, back) {
    const box = byId("map-row"), where = `${addressWords(row.from)} to ${addressWords(row.to)}`;
    const shares = sharesOfRow(model.run, row.number).filter(([pair]) => kinds.includes(model.kind(pair)) || kinds.includes(MAP_TOUCHED));
    const pairs = sumBy(shares, 0), objects = sumBy(shares.filter(([, object]) => object), 1);
    const leave = () => {
        box.hidden = true;
        back();
    };
    box.onkeydown = (event) => {
        if (event.key === "Escape")
            leave();
    };
    const close = make("button", { type: "button", className: "close" }, "Close");
    close.addEventListener("click", leave);
    box.replaceChildren(make("div", { className: "head" }, make("h3", {}, where), close));
    if (!pairs.length)
        box.append(make("p", { className: "quiet" }, "No pairs that are listed lie there."));
    if (objects.length)
        box.append(make("table", { className: "objects" }, ...objects.map(([id, bytes]) => amountRow(bytes,
            leadButton(objectWords(model.objectById.get(id)), () => lead(objectWords(model.objectById.get(id)), pairsOfObject(model, id)))))));
    if (pairs.length)
        box.append(make("table", { className: "pairs" }, ...pairs.slice(0, ROW_PAIRS).map(([pair, bytes]) => {
            const side = model.second(pair), words = `${KINDS[model.kind(pair)].name}: ${side.func}, ${side.place}`;
            return amountRow(bytes, dot(model.kind(pair)), leadButton(words, () => lead(words, [pair])));
        })), leadButton(`all ${grouped(pairs.length)} pairs of ${where}`, () => lead(where, pairs.map(([pair]) => pair))));
    box.hidden = false;
    box.focus({ preventScroll: true });
    box.scrollIntoView({ block: "nearest" });
}
