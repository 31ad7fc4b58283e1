// A table that may have very many rows: only those in sight, and some around them, are elements.
//
// A column: `name`, `key` (the class of its cells), `cell(item)`; `value(item)` to sort by, unless it can't be; `down`: the largest first.

const ROWS_TALL = 30000000;  // browsers have no taller elements, in pixels
const PRINTED = 100, ROWS_AROUND = 8;

class Grid {
    constructor(id, columns, { open, label, printed = PRINTED }) {
        Object.assign(this, { id, columns, open, label, printed });
        this.box = byId(id);
        this.head = make("div", { className: "columns" });
        this.rows = make("div", { className: "rows" });
        this.spacer = make("div", { className: "spacer" }, this.rows);
        this.head.setAttribute("role", "row");
        this.rows.setAttribute("role", "rowgroup");
        this.items = [];
        this.current = 0;
        this.heads = columns.map((column) => this.makeHead(column));
        this.head.append(...this.heads.map((h) => h.head));
        this.box.replaceChildren(this.head, this.spacer);
        this.listen();
    }

    makeHead(column) {
        const head = make("div", { className: `c-${column.key}${column.number ? " number" : ""}` });
        head.setAttribute("role", "columnheader");
        if (!column.value) {
            head.append(column.name);
            return { head, column };
        }
        const button = make("button", { type: "button" }, column.name);
        button.addEventListener("click", () => this.sortBy(column, this.column === column ? !this.down : Boolean(column.down)));
        head.append(button);
        return { head, column, button };
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
        new ResizeObserver(() => this.layout()).observe(this.box);
        this.rows.addEventListener("click", (event) => {
            const row = event.target.closest(".row");
            if (row && !event.target.closest("a"))
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
        const page = Math.max(1, Math.floor(this.box.clientHeight / this.rowHeight) - 2);
        const steps = { ArrowDown: 1, ArrowUp: -1, PageDown: page, PageUp: -page, Home: -Infinity, End: Infinity };
        if (event.key in steps) {
            this.move(this.current + steps[event.key]);
            event.preventDefault();
        } else if ((event.key === "Enter" || event.key === " ") && this.items.length) {
            event.preventDefault();
            this.choose(this.current);
        }
    }

    // Heights are the style sheet's, which has others for narrow windows.
    layout() {
        const height = parseFloat(getComputedStyle(this.box).getPropertyValue("--row"));
        if (height !== this.rowHeight) {
            const top = this.rowHeight ? this.box.scrollTop / this.rowHeight : 0;
            this.rowHeight = height;
            this.spacer.style.height = `${this.visible() * height}px`;
            this.box.scrollTop = top * height;
        }
        this.draw();
    }

    visible() {
        return Math.min(this.items.length, Math.floor(ROWS_TALL / this.rowHeight));
    }

    move(to) {
        this.current = Math.max(0, Math.min(this.visible() - 1, to));
        const head = this.head.offsetHeight, top = this.current * this.rowHeight;
        if (top < this.box.scrollTop)
            this.box.scrollTop = top;
        else if (top + this.rowHeight + head > this.box.scrollTop + this.box.clientHeight)
            this.box.scrollTop = top + this.rowHeight + head - this.box.clientHeight;
        this.draw();
    }

    choose(at) {
        this.current = at;
        this.draw();
        this.open(this.items[at]);
    }

    // Puts the current row where it is seen well, not at an edge.
    show(at) {
        this.current = at;
        this.box.scrollTop = Math.max(0, at * this.rowHeight - this.box.clientHeight / 3);
        this.draw();
    }

    sortBy(column, down) {
        this.column = column;
        this.down = down;
        for (const { head, column: c, button } of this.heads) {
            const here = c === column;
            head.setAttribute("aria-sort", here ? (down ? "descending" : "ascending") : "none");
            if (button)
                button.textContent = c.name + (here ? (down ? " ▾" : " ▴") : "");
        }
        this.sorted();
    }

    // What is done when another order was chosen; who has more items than are shown does it otherwise.
    sorted() {
        this.setItems(this.inOrder(this.items));
    }

    inOrder(items) {
        if (!this.column)
            return items;
        const sign = this.down ? -1 : 1, value = this.column.value;
        return items.map((item, at) => [value(item), item, at])
            .sort((a, b) => (a[0] < b[0] ? -sign : a[0] > b[0] ? sign : a[2] - b[2])).map(([, item]) => item);
    }

    setItems(items) {
        this.items = items;
        this.current = 0;
        this.box.scrollTop = 0;
        this.rowHeight = this.rowHeight || parseFloat(getComputedStyle(this.box).getPropertyValue("--row"));
        this.spacer.style.height = `${this.visible() * this.rowHeight}px`;
        this.box.setAttribute("aria-rowcount", items.length + 1);
        this.draw();
    }

    draw(print = false) {
        const first = print ? 0 : Math.max(0, Math.floor(this.box.scrollTop / this.rowHeight) - ROWS_AROUND);
        const last = print ? Math.min(this.visible(), this.printed)
                           : Math.min(this.visible(), Math.ceil((this.box.scrollTop + this.box.clientHeight) / this.rowHeight) + ROWS_AROUND);
        const rows = [];
        for (let at = first; at < last; at++)
            rows.push(this.row(at));
        this.rows.replaceChildren(...rows);
        this.rows.style.transform = `translateY(${first * this.rowHeight}px)`;
        this.box.setAttribute("aria-activedescendant", this.items.length ? `${this.id}-${this.current}` : "");
    }

    row(at) {
        const item = this.items[at];
        const row = make("div", { className: "row", id: `${this.id}-${at}` }, ...this.columns.map((column) => {
            const cell = make("div", { className: `cell c-${column.key}${column.number ? " number" : ""}` });
            cell.append(...[column.cell(item)].flat().filter((c) => c !== null && c !== undefined));
            cell.setAttribute("role", "gridcell");
            return cell;
        }));
        if (this.label)
            row.className += ` ${this.label(item)}`;
        row.dataset.at = at;
        row.setAttribute("role", "row");
        row.setAttribute("aria-rowindex", at + 2);
        row.setAttribute("aria-selected", at === this.current);
        return row;
    }
}
