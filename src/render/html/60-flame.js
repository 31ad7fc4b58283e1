// The flame graph: bytes of waste by the call path of the second access, by contexts where the run followed them, else by
// inlined functions.

const FLAME_ROW = 20, FLAME_LEAST = 1.5, FLAME_LETTER = 6.6; // pixels

// The paths of a pair, each with its bytes.
function flamePaths(model, i) {
    const side = model.second(i), parts = model.run.byContext ? model.partsOf(i) : [];
    if (!parts.length)
        return [[framesPath(side), model.bytes(i)]];
    // The innermost context is the side's own function, for which the frames have more.
    return parts.map(([, second, , bytes]) => [[...contextPath(model, second).map((c) => c.func).slice(0, -1), ...framesPath(side)], bytes]);
}

function flameTree(model, kinds) {
    const root = { name: "all", bytes: 0, children: new Map(), depth: 0 };
    for (let i = 0; i < model.count; i++)
        if (kinds.has(model.kind(i)))
            for (const [path, bytes] of flamePaths(model, i))
                addPath(root, path, bytes);
    return root;
}

// Pairs of which a part has a path that begins so.
function pairsBelow(model, kinds, path) {
    const begins = (whole) => path.every((name, at) => whole[at] === name);
    const pairs = [];
    for (let i = 0; i < model.count; i++)
        if (kinds.has(model.kind(i)) && flamePaths(model, i).some(([whole]) => begins(whole)))
            pairs.push(i);
    return pairs;
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
    constructor(model, lead) {
        this.model = model;
        this.box = byId("flame");
        this.width = 0;
        const choices = [["waste", "all waste", KIND_ORDER.filter((k) => KINDS[k].waste)],
                         ...KIND_ORDER.map((k) => [String(k), KINDS[k].plural.toLowerCase(), [k]])];
        this.choices = new Map(choices.map(([key, , kinds]) => [key, new Set(kinds)]));
        byId("flame-kind").append(...choices.map(([value, text]) => make("option", { value }, text)));
        byId("flame-kind").addEventListener("change", () => this.build());
        byId("flame-reset").addEventListener("click", () => this.draw(this.root));
        byId("flame-pairs").addEventListener("click", () => {
            const path = this.path(this.top);
            lead(path.join(" › ") || "the flame graph", pairsBelow(model, this.choices.get(this.kind), path));
        });
        this.build();
        new ResizeObserver(() => {
            if (this.width !== this.box.clientWidth)
                this.draw(this.top);
        }).observe(this.box);
    }

    build() {
        this.kind = byId("flame-kind").value;
        this.root = flameTree(this.model, this.choices.get(this.kind));
        this.draw(this.root);
    }

    path(node) {
        const path = [];
        for (let n = node; n.parent; n = n.parent)
            path.unshift(n.name);
        return path;
    }

    describe(node) {
        const path = this.path(node).map((name) => cutWords(name, 60));
        byId("flame-info").textContent = `${path.join(" › ") || "all"}: ${byteWords(node.bytes)}, ` +
            `${shareWords(this.root.bytes ? node.bytes / this.root.bytes : 0)} of what is shown`;
    }

    // `top` takes the whole width; what it stands in is drawn above it.
    draw(top) {
        this.top = top;
        this.width = Math.max(200, this.box.clientWidth);
        this.boxes = [];
        const above = [];
        for (let n = top.parent; n; n = n.parent)
            above.unshift(n);
        above.forEach((n) => this.boxes.push({ node: n, x: 0, width: this.width }));
        if (top.bytes)
            this.place(top, 0, this.width / top.bytes);
        const depth = Math.max(0, ...this.boxes.map((b) => b.node.depth)) + 1;
        const svg = makeSvg("svg", { viewBox: `0 0 ${this.width} ${depth * FLAME_ROW}`, role: "group", "aria-label": "Flame graph" });
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
        const y = node.depth * FLAME_ROW, name = cutWords(node.name, Math.floor((width - 8) / FLAME_LETTER));
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
