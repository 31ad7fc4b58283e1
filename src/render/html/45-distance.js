// How many accesses lie between the sides of a pair, as a small histogram.

const BUCKETS = ["0 to 9", "10 to 99", "100 to 999", "1,000 to 9,999", "10,000 to 99,999", "100,000 to 999,999", "1,000,000 and more"];
const SPANS = ["within one call and loop round", "between rounds", "far"];

function mostOf(numbers) {
    return numbers.indexOf(Math.max(...numbers));
}

function distanceView(model, pair) {
    const found = model.distanceOf(pair)[0];
    if (!found)
        return null;
    const buckets = found.slice(1, 1 + BUCKETS.length), spans = found.slice(1 + BUCKETS.length, -1), places = found[found.length - 1];
    const all = spans.reduce((sum, n) => sum + n, 0);
    const parts = spans.map((n, i) => (n ? `${shareWords(n / all)} ${SPANS[i]}` : "")).filter(Boolean).join(", ");
    if (!buckets.some((bytes) => bytes))
        return make("div", { className: "distances" }, make("p", {}, `By the code: ${parts}. The option --distances measures it.`));
    const most = Math.max(1, ...buckets), height = 36, width = 14;
    const words = `${found[0] ? "" : "about "}${BUCKETS[mostOf(buckets)]} accesses between the two${found[0] ? "" : ", by samples"}`;
    const picture = makeSvg("svg", { viewBox: `0 0 ${width * BUCKETS.length} ${height}`, class: "distance", role: "img", "aria-label": `Mostly ${words}` },
        ...buckets.map((bytes, i) => makeSvg("g", {}, makeSvg("title", {}, `${BUCKETS[i]} accesses between: ${byteWords(bytes)}`),
            makeSvg("rect", { class: "empty", x: i * width, y: 0, width: width - 2, height }),
            makeSvg("rect", { class: "heat", x: i * width, y: height - bytes / most * height, width: width - 2, height: bytes / most * height }))));
    return make("div", { className: "distances" }, picture, make("p", {}, `Mostly ${words}. ${parts}.`,
        places ? ` At ${grouped(places)} address${places === 1 ? "" : "es"}.` : ""));
}
