// The table of pairs.  Only the rows in sight, and some around them, are elements: there may be very many pairs.

const ROW = 44;              // pixels, as in the style sheet
const ROWS_MAX = 700000;     // browsers have no taller elements
const PRINTED = 100;

const COLUMNS = [
    { name: "Kind", value: (m, i) => KIND_ORDER.indexOf(m.kind(i)), down: false },
    { name: "First access", value: (m, i) => m.first(i).func + "\0" + m.first(i).within, down: false },
    { name: "Second access", value: (m, i) => m.second(i).func + "\0" + m.second(i).within, down: false },
    { name: "Bytes", value: (m, i) => m.bytes(i), down: true, number: true },
    { name: "Times", value: (m, i) => m.instances(i), down: true, number: true },
    { name: "Share", value: (m, i) => m.share(i), down: true, number: true },
    { name: "Class", value: (m, i) => m.class(i) || "\uffff", down: false, classed: true },
];

class PairTable {
    constructor(model, open) {
        this.model = model;
        this.open = open;
        this.order = Array.from({ length: model.count }, (_, i) => i);
        this.shown = this.order;
        this.kinds = new Set(KIND_ORDER);
        this.words = [];
        this.current = 0;
        this.column = COLUMNS[3];
        this.down = true;
        this.box = byId("table");
        this.rows = byId("rows");
        this.from = this.to = -1;
        this.addHeads();
        this.addFilters();
        this.listen();
        this.sort();
    }

    addHeads() {
        this.columns = COLUMNS.filter((column) => this.model.classed || !column.classed);
        this.box.classList.toggle("classed", this.model.classed);
        for (const column of this.columns) {
            const button = make("button", { type: "button", tabIndex: 0 }, column.name);
            button.addEventListener("click", () => {
                this.down = this.column === column ? !this.down : column.down;
                this.column = column;
                this.sort();
            });
            column.head = make("div", { role: "columnheader", className: column.number ? "number" : "" }, button);
            column.button = button;
            byId("columns").append(column.head);
        }
    }

    addFilters() {
        const counts = new Array(KINDS.length).fill(0);
        for (let i = 0; i < this.model.count; i++)
            counts[this.model.kind(i)]++;
        for (const kind of KIND_ORDER) {
            const box = make("input", { type: "checkbox", checked: true, id: `kind-${kind}` });
            box.addEventListener("change", () => {
                box.checked ? this.kinds.add(kind) : this.kinds.delete(kind);
                this.filter();
            });
            byId("kinds").append(make("label", {}, box, " ", make("span", { className: `dot d${kind}` }),
                `${KINDS[kind].plural} (${grouped(counts[kind])})`));
        }
        byId("find").addEventListener("input", () => {
            clearTimeout(this.pause);
            this.pause = setTimeout(() => {
                this.words = byId("find").value.toLowerCase().split(/\s+/).filter(Boolean);
                this.filter();
            }, this.model.count > 20000 ? 120 : 0);
        });
        byId("find").addEventListener("keydown", (event) => {
            if (event.key === "Enter" || event.key === "ArrowDown") {
                event.preventDefault();
                this.box.focus();
            }
        });
    }

    listen() {
        let waiting = false;
        this.box.addEventListener("scroll", () => {
            if (!waiting)
                requestAnimationFrame(() => {
                    waiting = false;
                    this.draw();
                });
            waiting = true;
        }, { passive: true });
        new ResizeObserver(() => this.draw()).observe(this.box);
        this.rows.addEventListener("click", (event) => {
            const row = event.target.closest(".row");
            if (row)
                this.choose(Number(row.dataset.at));
        });
        this.box.addEventListener("keydown", (event) => {
            if (event.target === this.box)
                this.key(event);
        });
        window.addEventListener("beforeprint", () => this.draw(true));
        window.addEventListener("afterprint", () => this.draw());
    }

    key(event) {
        const page = Math.max(1, Math.floor(this.box.clientHeight / ROW) - 2);
        const steps = { ArrowDown: 1, ArrowUp: -1, PageDown: page, PageUp: -page, Home: -Infinity, End: Infinity };
        if (event.key in steps) {
            this.move(this.current + steps[event.key]);
            event.preventDefault();
        } else if ((event.key === "Enter" || event.key === " ") && this.shown.length) {
            event.preventDefault();
            this.choose(this.current);
        }
    }

    move(to) {
        this.current = Math.max(0, Math.min(this.visible() - 1, to));
        const head = byId("columns").offsetHeight, top = this.current * ROW;
        if (top < this.box.scrollTop)
            this.box.scrollTop = top;
        else if (top + ROW + head > this.box.scrollTop + this.box.clientHeight)
            this.box.scrollTop = top + ROW + head - this.box.clientHeight;
        this.draw();
    }

    choose(at) {
        this.current = at;
        this.draw();
        this.open(this.shown[at]);
    }

    visible() {
        return Math.min(this.shown.length, ROWS_MAX);
    }

    sort() {
        const values = this.order.map((_, i) => this.column.value(this.model, i));
        const sign = this.down ? -1 : 1;
        this.order.sort((a, b) => (values[a] < values[b] ? -sign : values[a] > values[b] ? sign : a - b));
        for (const column of this.columns) {
            const here = column === this.column;
            column.head.setAttribute("aria-sort", here ? (this.down ? "descending" : "ascending") : "none");
            column.button.textContent = column.name + (here ? (this.down ? " ▾" : " ▴") : "");
        }
        this.filter();
    }

    matches(i) {
        if (!this.kinds.has(this.model.kind(i)))
            return false;
        const first = this.model.first(i).words, second = this.model.second(i).words;
        const name = this.words.length ? this.model.class(i) : "";
        return this.words.every((word) => first.includes(word) || second.includes(word) || name.includes(word));
    }

    filter() {
        this.shown = this.order.filter((i) => this.matches(i));
        this.current = 0;
        this.box.scrollTop = 0;
        byId("spacer").style.height = `${this.visible() * ROW}px`;
        this.box.setAttribute("aria-rowcount", this.shown.length + 1);
        const hidden = this.shown.length - this.visible();
        byId("shown").textContent = `${grouped(this.shown.length)} of ${grouped(this.model.count)} pairs` +
            (hidden ? `, of which the last ${grouped(hidden)} only a filter shows` : "");
        this.draw();
    }

    draw(print = false) {
        const first = print ? 0 : Math.max(0, Math.floor(this.box.scrollTop / ROW) - 8);
        const last = print ? Math.min(this.visible(), PRINTED)
                           : Math.min(this.visible(), Math.ceil((this.box.scrollTop + this.box.clientHeight) / ROW) + 8);
        const rows = [];
        for (let at = first; at < last; at++)
            rows.push(this.row(at));
        this.rows.replaceChildren(...rows);
        this.rows.style.transform = `translateY(${first * ROW}px)`;
        this.box.setAttribute("aria-activedescendant", this.shown.length ? `row-${this.current}` : "");
    }

    row(at) {
        const m = this.model, i = this.shown[at], kind = m.kind(i);
        const row = make("div", { className: "row", id: `row-${at}` },
            cell("", make("span", { className: `dot d${kind}` }), KINDS[kind].name),
            sideCell(m.first(i)), sideCell(m.second(i)),
            cell("number", byteWords(m.bytes(i))), cell("number", grouped(m.instances(i))),
            cell("number", shareWords(m.share(i))));
        if (m.classed)
            row.append(cell("", m.class(i)));
        row.dataset.at = at;
        row.setAttribute("role", "row");
        row.setAttribute("aria-rowindex", at + 2);
        row.setAttribute("aria-selected", at === this.current);
        return row;
    }
}

function cell(name, ...children) {
    const element = make("div", { className: `cell ${name}` }, ...children);
    element.setAttribute("role", "gridcell");
    return element;
}

function sideCell(side) {
    return Object.assign(cell("", side.func, make("span", { className: "place" }, side.within || "\u00a0")), { title: side.func });
}
