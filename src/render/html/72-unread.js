// What was stored and never read, by the place that stored it: [side, bytes]…, the most bytes first.

const UNREAD_SHOWN = 20;

function showUnread(model) {
    const list = model.run.unread, rows = list.length / 2;
    if (!rows)
        return;
    let all = 0;
    for (let i = 0; i < rows; i++)
        all += list[i * 2 + 1];
    byId("unread").append(make("tr", {}, make("th", {}, "Function"), make("th", {}, "Place"), make("th", { className: "number" }, "Bytes"),
        make("th", { className: "number" }, "Share")));
    for (let i = 0; i < Math.min(rows, UNREAD_SHOWN); i++) {
        const side = model.sides[list[i * 2]], bytes = list[i * 2 + 1];
        byId("unread").append(make("tr", {}, make("td", {}, middle(side.func)),
            make("td", {}, side.own ? placeLink(side.own, side.place) : side.place),
            make("td", { className: "number" }, byteWords(bytes)), make("td", { className: "number" }, shareWords(bytes / all))));
    }
    byId("unread-section").hidden = false;
}
