// The flame graph: bytes of waste by the call path of the second access, by contexts where the run followed them, else by
// inlined functions.

const FLAME_ROW = 20, FLAME_WIDTH = 1000, FLAME_LEAST = 1.5;

function flameTree(model, kinds) {
    const root = { name: "all", bytes: 0, children: new Map(), depth: 0 };
    for (let i = 0; i < model.count; i++) {
        if (!kinds.has(model.kind(i)))
            continue;
        const side = model.second(i), parts = model.run.byContext ? model.partsOf(i) : [];
        if (!parts.length)
            addPath(root, framesPath(side), model.bytes(i));
        for (const [, second, , bytes] of parts) {
            // The innermost context is the side's own function, for which the frames have more.
            const outer = contextPath(model, second).map((c) => c.func);
            addPath(root, [...outer.slice(0, -1), ...framesPath(side)], bytes);
        }
    }
    return root;
}

function addPath(root, path, bytes) {
    let node = root;
    node.bytes += bytes;
    for (const name of path) {
        let child = node.children.get(name);
        if (!child)
            node.children.set(name, child = { name, bytes: 0, children: new Map(), depth: node.depth + 1, parent: node });
        child.bytes += bytes;
        node = child;
    }
}

class Flame {
    constructor(model) {
        this.model = model;
        this.box = byId("flame");
        const choices = [["waste", "all waste", KIND_ORDER.filter((k) => KINDS[k].waste)],
                         ...KIND_ORDER.map((k) => [String(k), KINDS[k].plural.toLowerCase(), [k]])];
        this.choices = new Map(choices.map(([key, , kinds]) => [key, new Set(kinds)]));
        byId("flame-kind").append(...choices.map(([value, text]) => make("option", { value }, text)));
        byId("flame-kind").addEventListener("change", () => this.build());
        byId("flame-reset").addEventListener("click", () => this.draw(this.root));
        this.build();
    }

    build() {
        this.kind = byId("flame-kind").value;
        this.root = flameTree(this.model, this.choices.get(this.kind));
        this.draw(this.root);
    }

    describe(node) {
        const path = [];
        for (let n = node; n.parent; n = n.parent)
            path.unshift(n.name);
        byId("flame-info").textContent = `${path.join(" › ") || "all"}: ${byteWords(node.bytes)}, ` +
            `${shareWords(this.root.bytes ? node.bytes / this.root.bytes : 0)} of what is shown`;
    }

    // `top` takes the whole width; what it stands in is drawn above it.
    draw(top) {
        this.boxes = [];
        const above = [];
        for (let n = top.parent; n; n = n.parent)
            above.unshift(n);
        above.forEach((n) => this.boxes.push({ node: n, x: 0, width: FLAME_WIDTH }));
        if (top.bytes)
            this.place(top, 0, FLAME_WIDTH / top.bytes);
        const depth = Math.max(0, ...this.boxes.map((b) => b.node.depth)) + 1;
        const svg = makeSvg("svg", { viewBox: `0 0 ${FLAME_WIDTH} ${depth * FLAME_ROW}`, role: "group", "aria-label": "Flame graph" });
        svg.append(...this.boxes.map((b) => this.element(b)));
        this.box.replaceChildren(top.bytes ? svg : make("p", { className: "quiet" }, "There is none."));
        this.describe(top);
    }

    place(node, x, scale) {
        const todo = [[node, x]];
        while (todo.length) {
            const [n, at] = todo.pop(), width = n.bytes * scale;
            if (width < FLAME_LEAST)
                continue;
            this.boxes.push({ node: n, x: at, width });
            let next = at;
            for (const child of [...n.children.values()].sort((a, b) => b.bytes - a.bytes)) {
                todo.push([child, next]);
                next += child.bytes * scale;
            }
        }
    }

    element({ node, x, width }) {
        const y = node.depth * FLAME_ROW, room = Math.floor((width - 8) / 6.6);
        const name = node.name.length <= room ? node.name : room > 3 ? node.name.slice(0, room - 1) + "…" : "";
        const words = `${node.name}: ${byteWords(node.bytes)}`;
        const group = makeSvg("g", { tabindex: 0, role: "button", "aria-label": words },
            makeSvg("title", {}, words),
            makeSvg("rect", { x, y, width, height: FLAME_ROW, fill: this.colour(node) }),
            makeSvg("text", { x: x + 4, y: y + 14 }, name));
        group.addEventListener("click", () => this.draw(node));
        group.addEventListener("focus", () => this.describe(node));
        group.addEventListener("mouseenter", () => this.describe(node));
        group.addEventListener("keydown", (event) => {
            if (event.key === "Enter" || event.key === " ") {
                event.preventDefault();
                this.draw(node);
                const again = this.boxes.findIndex((b) => b.node === node);
                this.box.querySelectorAll("g")[again].focus();
            } else if (event.key === "Escape") {
                this.draw(this.root);
                this.box.querySelector("g").focus();
            }
        });
        return group;
    }

    // A warm colour that a name always has.
    colour(node) {
        let hash = 7;
        for (let i = 0; i < node.name.length; i++)
            hash = (hash * 31 + node.name.charCodeAt(i)) >>> 0;
        return node.parent ? `hsl(${18 + hash % 34} ${68 + hash % 20}% ${66 + (hash >> 5) % 12}%)` : "hsl(40 20% 75%)";
    }
}
