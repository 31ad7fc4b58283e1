// The table of pairs, what is filtered from it, and the table of groups above it.

function sideCell(side) {
    return [middle(side.func), make("span", { className: "place" }, side.within ? middle(side.within) : "\u00a0")];
}

function pairColumns(m) {
    const columns = [
        { key: "kind", name: "Kind", value: (i) => KIND_ORDER.indexOf(m.kind(i)), cell: (i) => [dot(m.kind(i)), KINDS[m.kind(i)].name, gradeWords(m.grade(i), m.effect(i))] },
        { key: "first", name: "First access", value: (i) => m.first(i).func + "\0" + m.first(i).within, cell: (i) => sideCell(m.first(i)) },
        { key: "second", name: "Second access", value: (i) => m.second(i).func + "\0" + m.second(i).within, cell: (i) => sideCell(m.second(i)) },
        { key: "bytes", name: "Bytes", value: (i) => m.bytes(i), cell: (i) => byteWords(m.bytes(i)), down: true, number: true },
        { key: "times", name: "Times", value: (i) => m.instances(i), cell: (i) => grouped(m.instances(i)), down: true, number: true },
        { key: "share", name: "Share", value: (i) => m.share(i), cell: (i) => shareWords(m.share(i)), down: true, number: true },
    ];
    if (m.graded)
        columns.push({ key: "effect", name: "Effect", value: (i) => m.effect(i), cell: (i) => shareWords(m.effect(i)), down: true, number: true });
    if (m.classed)
        columns.push({ key: "class", name: "Class", value: (i) => m.class(i) || "\uffff", cell: (i) => m.class(i) });
    return columns;
}

// What stands below a group's name, and leads to the source where there is some.
function groupPlace(group) {
    return make("span", { className: "place" }, group.frame ? placeLink(group.frame, group.more) : group.more || "\u00a0");
}

class PairTable {
    constructor(model, open) {
        this.model = model;
        const columns = pairColumns(model);
        this.grid = new Grid("table", columns, { open, label: () => "" });
        this.box = this.grid.box;
        this.box.classList.toggle("classed", model.classed);
        this.box.classList.toggle("graded", model.graded);
        this.grid.sorted = () => {
            this.order = this.grid.inOrder(this.all);
            this.filter();
        };
        this.all = this.order = Array.from({ length: model.count }, (_, i) => i);
        // Loads after a store stand apart: most of them are ordinary communication.
        this.kinds = new Set(KIND_ORDER.filter((kind) => KINDS[kind].waste));
        this.words = [];
        this.only = null;
        this.addKinds();
        this.addFind();
        this.addGroups();
        byId("only").addEventListener("click", () => this.narrow(null));
        this.grid.sortBy(columns.find((c) => c.key === (model.graded ? "effect" : "bytes")), true);
    }

    addKinds() {
        const counts = new Array(KINDS.length).fill(0);
        for (const i of this.all)
            counts[this.model.kind(i)]++;
        for (const kind of [...KIND_ORDER.filter((k) => KINDS[k].waste), ...KIND_ORDER.filter((k) => !KINDS[k].waste)]) {
            const box = make("input", { type: "checkbox", checked: this.kinds.has(kind), id: `kind-${kind}` });
            box.addEventListener("change", () => {
                box.checked ? this.kinds.add(kind) : this.kinds.delete(kind);
                this.filter();
            });
            byId("kinds").append(make("label", { className: KINDS[kind].waste ? "" : "apart" }, box, " ", dot(kind),
                `${KINDS[kind].plural} (${grouped(counts[kind])})`));
        }
    }

    addFind() {
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

    addGroups() {
        const kind = (k) => ({ key: `k${k}`, name: KINDS[k].plural, value: (g) => g.bytes[k], cell: (g) => (g.bytes[k] ? byteWords(g.bytes[k]) : ""),
                               down: true, number: true });
        const wasted = KIND_ORDER.filter((k) => KINDS[k].waste);
        const columns = [
            { key: "name", name: "Group", value: (g) => g.name, cell: (g) => [middle(g.name), groupPlace(g)] },
            { key: "bar", name: "", cell: (g) => shareBar(wasted.map((k) => [`k${k}`, this.most ? g.bytes[k] / this.most : 0]), byteWords(g.waste)) },
            { key: "waste", name: "Waste", value: (g) => g.waste, cell: (g) => byteWords(g.waste), down: true, number: true },
            ...KIND_ORDER.filter((k) => KINDS[k].waste).map(kind),
            kind(KIND_ORDER.find((k) => !KINDS[k].waste)),
            { key: "pairs", name: "Pairs", value: (g) => g.pairs.length, cell: (g) => grouped(g.pairs.length), down: true, number: true },
        ];
        if (this.model.graded)
            columns.splice(2, 0, { key: "effect", name: "Effect", value: (g) => g.effect, down: true, number: true,
                                   cell: (g) => shareWords(g.effect) });
        this.groups = new Grid("groups", columns, { open: (g) => this.narrow({ words: g.name, pairs: g.pairs }) });
        this.groups.box.classList.toggle("graded", this.model.graded);
        this.groups.sortBy(columns.find((c) => c.key === (this.model.graded ? "effect" : "waste")), true);
        const choices = GROUPINGS.filter((g) => g.key !== "object" || this.model.objects.length);
        byId("by").append(make("option", { value: "" }, "nothing"), ...choices.map((g) => make("option", { value: g.key }, g.name)));
        byId("by").addEventListener("change", () => {
            this.grouping = GROUPINGS.find((g) => g.key === byId("by").value) || null;
            byId("groups").hidden = !this.grouping;
            this.narrow(null);
        });
    }

    // Shows these pairs alone: { words, pairs }; null: all.
    narrow(only) {
        this.only = only && { words: only.words, pairs: new Set(only.pairs) };
        byId("only").hidden = !only;
        byId("only").replaceChildren(...(only ? ["only ", middle(only.words), " ✕"] : []));
        this.filter(Boolean(only));
    }

    // The same, and has the kinds shown that they are of; the table comes into sight.
    lead(words, pairs) {
        for (const kind of new Set(pairs.map((i) => this.model.kind(i)))) {
            this.kinds.add(kind);
            byId(`kind-${kind}`).checked = true;
        }
        byId("find").value = "";
        this.words = [];
        this.narrow({ words, pairs });
        byId("pairs-section").scrollIntoView();
        this.box.focus({ preventScroll: true });
    }

    matches(i) {
        if (!this.kinds.has(this.model.kind(i)))
            return false;
        const first = this.model.first(i).words, second = this.model.second(i).words;
        const name = this.words.length ? this.model.class(i) : "";
        return this.words.every((word) => first.includes(word) || second.includes(word) || name.includes(word));
    }

    filter(keepGroups = false) {
        const fitting = this.order.filter((i) => this.matches(i));
        if (this.grouping && !keepGroups) {
            const groups = groupPairs(this.model, fitting, this.grouping);
            this.most = groups.reduce((most, g) => Math.max(most, g.waste), 0);
            this.groups.setItems(this.groups.inOrder(groups));
        }
        const shown = this.only ? fitting.filter((i) => this.only.pairs.has(i)) : fitting;
        this.grid.setItems(shown);
        const hidden = shown.length - this.grid.visible();
        byId("shown").textContent = `${grouped(shown.length)} of ${grouped(this.model.count)} pairs` +
            (hidden ? `, of which the last ${grouped(hidden)} only a filter shows` : "");
    }
}
