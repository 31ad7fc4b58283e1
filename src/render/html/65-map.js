// A map of memory: rows are ranges of addresses, columns times; how strong a colour is says how many bytes of pairs lie there.

const MAP_NUMBERS = 7, MAP_TOUCHED = 4; // of a cell: row, column, bytes by kind, bytes accessed
const MAP_HEIGHT = 420, MAP_ROW_MOST = 14, MAP_GAP = 3, MAP_RANGES = 8;

// What the map is made of: rows that were touched, in order; those between are left out, and leave a gap.
function mapRows(map) {
    const rows = new Map();
    for (let i = 0; i < map.cells.length; i += MAP_NUMBERS) {
        const number = map.cells[i];
        if (!rows.has(number))
            rows.set(number, { number, from: number * map.rowBytes, to: (number + 1) * map.rowBytes, cells: [] });
        rows.get(number).cells.push([map.cells[i + 1], map.cells.slice(i + 2, i + MAP_NUMBERS)]);
    }
    return [...rows.entries()].sort((a, b) => a[0] - b[0]).map(([, row]) => row);
}

function mapSum(counts, kinds) {
    let sum = 0;
    for (const kind of kinds)
        sum += counts[kind];
    return sum;
}

class MemoryMap {
    constructor(model, map, lead) {
        Object.assign(this, { model, map, lead });
        this.rows = mapRows(map);
        this.grid = byId("map-grid");
        const choices = [["waste", "all waste", KIND_ORDER.filter((k) => KINDS[k].waste)],
                         ...KIND_ORDER.map((k) => [String(k), KINDS[k].plural.toLowerCase(), [k]]),
                         ["touched", "all bytes accessed", [MAP_TOUCHED]]];
        this.choices = new Map(choices.map(([key, , kinds]) => [key, kinds]));
        byId("map-kind").append(...choices.map(([value, text]) => make("option", { value }, text)));
        byId("map-kind").addEventListener("change", () => this.build());
        this.grid.addEventListener("mousemove", (event) => this.point(event));
        this.grid.addEventListener("click", (event) => {
            this.point(event);
            this.open();
        });
        byId("map-open").addEventListener("click", () => this.open());
        this.grid.addEventListener("keydown", (event) => this.key(event));
        for (const change of ["focus", "blur"])
            this.grid.addEventListener(change, () => this.draw());
        matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.paint());
        this.at = [0, 0];
        byId("map-rows").textContent = `${byteWords(map.rowBytes)} of memory 0`;
        byId("map-columns").textContent = map.columns > 1 ? `${grouped(map.columnRecords)} recorded accesses` : "the whole run";
        this.place();
        this.build();
    }

    // Where rows are drawn: as high as there is room for, with a gap where addresses are left out.
    place() {
        let y = 0;
        const height = Math.max(1, Math.min(MAP_ROW_MOST, Math.floor(MAP_HEIGHT / this.rows.length)));
        this.rows.forEach((row, i) => {
            row.gap = i > 0 && this.rows[i - 1].to !== row.from;
            y += row.gap ? MAP_GAP : 0;
            row.y = y;
            y += height;
        });
        this.rowHeight = height;
        this.height = y;
        this.columnWidth = Math.max(4, Math.floor(768 / this.map.columns));
        this.grid.width = this.columnWidth * this.map.columns;
        this.grid.height = y;
        byId("map").style.setProperty("--height", `${y}px`);
    }

    build() {
        this.kinds = this.choices.get(byId("map-kind").value);
        this.most = 0;
        for (const row of this.rows) {
            row.bytes = 0;
            for (const [, counts] of row.cells) {
                const bytes = mapSum(counts, this.kinds);
                row.bytes += bytes;
                this.most = Math.max(this.most, bytes);
            }
        }
        this.all = this.rows.reduce((sum, row) => sum + row.bytes, 0);
        const worst = this.rows.reduce((best, row, i) => (row.bytes > this.rows[best].bytes ? i : best), 0);
        this.at = [worst, 0];
        this.paint();
        this.drawSides();
        this.showRanges();
        this.describe(false);
    }

    // Colours are the page's own, so that they suit dark and light.
    colour(name) {
        return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
    }

    // The whole picture is made once for each choice, and put down again under each place that is pointed at.
    paint() {
        this.picture = make("canvas", { width: this.grid.width, height: this.grid.height });
        const paper = this.picture.getContext("2d"), touched = this.colour("--empty");
        const kind = this.kinds.length === 1 && this.kinds[0] < MAP_TOUCHED ? this.kinds[0] : null;
        const ink = this.colour(kind === null ? "--heat" : `--k${kind}`);
        for (const row of this.rows)
            for (const [column, counts] of row.cells) {
                const bytes = mapSum(counts, this.kinds), box = [column * this.columnWidth, row.y, this.columnWidth, this.rowHeight];
                paper.globalAlpha = 1;
                paper.fillStyle = touched;
                paper.fillRect(...box);
                if (!bytes)
                    continue;
                paper.globalAlpha = 0.15 + 0.85 * Math.sqrt(bytes / this.most);
                paper.fillStyle = ink;
                paper.fillRect(...box);
            }
        this.draw();
    }

    draw() {
        const paper = this.grid.getContext("2d");
        paper.clearRect(0, 0, this.grid.width, this.grid.height);
        paper.drawImage(this.picture, 0, 0);
        if (document.activeElement !== this.grid)
            return;
        paper.strokeStyle = this.colour("--focus");
        paper.lineWidth = 2;
        paper.strokeRect(this.at[1] * this.columnWidth, this.rows[this.at[0]].y, this.columnWidth, this.rowHeight);
    }

    // Addresses at the left, sums of rows at the right.
    drawSides() {
        const axis = byId("map-axis"), sums = byId("map-sums"), most = Math.max(1, ...this.rows.map((r) => r.bytes));
        axis.replaceChildren();
        sums.replaceChildren();
        for (const svg of [axis, sums])
            svg.setAttribute("viewBox", `0 0 ${svg === axis ? 90 : 160} ${this.height}`);
        let free = 0;
        for (const row of this.rows) {
            if (row.y >= free || row.gap && row.y >= free - 4) {
                axis.append(makeSvg("text", { x: 84, y: row.y + this.rowHeight / 2 + 4, "text-anchor": "end" }, addressWords(row.from)));
                free = row.y + 14;
            }
            let x = 0;
            for (const kind of this.kinds) {
                const bytes = row.cells.reduce((sum, [, counts]) => sum + counts[kind], 0), width = bytes / most * 160;
                if (width > 0)
                    sums.append(makeSvg("rect", { class: kind < MAP_TOUCHED ? `k${kind}` : "heat", x, y: row.y, width: Math.max(width, 0.7),
                                                  height: Math.max(1, this.rowHeight - (this.rowHeight > 4 ? 1 : 0)) }));
                x += width;
            }
        }
    }

    // Rows with at least half as much as the average; neighbours are one range.
    showRanges() {
        const ranges = [], enough = this.all / this.rows.length / 2;
        let last = null;
        for (const row of this.rows) {
            if (!row.bytes || row.bytes < enough) {
                last = null;
                continue;
            }
            if (!last || last.to !== row.from)
                ranges.push(last = { from: row.from, to: row.to, bytes: 0 });
            last.to = row.to;
            last.bytes += row.bytes;
        }
        ranges.sort((a, b) => b.bytes - a.bytes);
        byId("map-ranges").replaceChildren(make("tr", {}, make("th", {}, "Most of it at"), make("th", { className: "number" }, "Bytes"),
            make("th", { className: "number" }, "Share")));
        for (const r of ranges.slice(0, MAP_RANGES))
            byId("map-ranges").append(make("tr", {}, make("td", {}, `${addressWords(r.from)} to ${addressWords(r.to)}`),
                make("td", { className: "number" }, byteWords(r.bytes)),
                make("td", { className: "number" }, shareWords(r.bytes / this.all))));
    }

    describe(cell) {
        const row = this.rows[this.at[0]], column = this.at[1];
        const counts = (row.cells.find(([c]) => c === column) || [0, null])[1];
        const from = column / this.map.columns, to = (column + 1) / this.map.columns;
        const where = `${addressWords(row.from)} to ${addressWords(row.to)}`;
        const when = cell ? `, ${Math.round(from * 100)}% to ${Math.round(to * 100)}% of the run` : "";
        const bytes = cell ? (counts ? mapSum(counts, this.kinds) : 0) : row.bytes;
        const words = `${where}${when}: ${byteWords(bytes)}` + (cell ? `, ${byteWords(row.bytes)} in the whole run` : ", more than in any other row");
        byId("map-info").textContent = this.all ? words : "There is none.";
        this.grid.setAttribute("aria-label", `Map of memory. ${byId("map-info").textContent}`);
    }

    go(row, column) {
        this.at = [Math.max(0, Math.min(this.rows.length - 1, row)), Math.max(0, Math.min(this.map.columns - 1, column))];
        this.draw();
        this.describe(true);
    }

    point(event) {
        const box = this.grid.getBoundingClientRect(), y = (event.clientY - box.top) / box.height * this.height;
        const row = this.rows.findIndex((r) => y < r.y + this.rowHeight);
        this.go(row < 0 ? this.rows.length - 1 : row, Math.floor((event.clientX - box.left) / box.width * this.map.columns));
    }

    open() {
        showMapRow(this.model, this.rows[this.at[0]], this.kinds, this.lead, () => this.grid.focus());
    }

    key(event) {
        const [row, column] = this.at;
        const to = { ArrowUp: [row - 1, column], ArrowDown: [row + 1, column], ArrowLeft: [row, column - 1], ArrowRight: [row, column + 1],
                     PageUp: [row - 10, column], PageDown: [row + 10, column], Home: [row, 0], End: [row, this.map.columns - 1] }[event.key];
        if (event.key === "Enter" || event.key === " ") {
            event.preventDefault();
            this.open();
        }
        if (!to)
            return;
        event.preventDefault();
        this.go(...to);
    }
}

function showMap(model, lead) {
    const run = model.run, known = run.map && run.map.cells.length > 0;
    byId("map-none").hidden = known;
    byId("map-parts").hidden = !known;
    if (known)
        new MemoryMap(model, run.map, lead);
}
