// A file's source with the waste of each line beside it.

const SOURCE_PREFIX = "#source:";

function sourceAddress(file, line) {
    return `${SOURCE_PREFIX}${encodeURIComponent(file)}:${line}`;
}

// For each file its lines: bytes of the pairs whose second access is there, and how many pairs only have their first there.
function annotate(model) {
    const files = new Map();
    const lineOf = (side) => {
        if (!side.placed)
            return null;
        const { file, line } = side.own;
        let known = files.get(file);
        if (!known)
            files.set(file, known = { file, waste: 0, lines: new Map() });
        if (!known.lines.has(line))
            known.lines.set(line, { bytes: [0, 0, 0, 0], effect: 0, firsts: 0 });
        return [known, known.lines.get(line)];
    };
    for (let i = 0; i < model.count; i++) {
        const kind = model.kind(i), first = lineOf(model.first(i)), second = lineOf(model.second(i));
        if (second) {
            second[1].bytes[kind] += model.bytes(i);
            second[1].effect += model.effect(i);
            second[0].waste += KINDS[kind].waste ? model.bytes(i) : 0;
        }
        if (first)
            first[1].firsts++;
    }
    return files;
}

function wasteOf(bytes) {
    return bytes.reduce((sum, n, kind) => sum + (KINDS[kind].waste ? n : 0), 0);
}

class SourceView {
    constructor(model, lead) {
        this.model = model;
        this.files = annotate(model);
        this.ranked = [...this.files.values()].sort((a, b) => b.waste - a.waste || (a.file < b.file ? -1 : 1));
        if (!this.ranked.length)
            return;
        const kinds = [...KIND_ORDER.filter((k) => KINDS[k].waste), ...KIND_ORDER.filter((k) => !KINDS[k].waste)];
        const columns = [
            ...kinds.map((k) => ({ key: `k${k}`, name: KINDS[k].plural, number: true, cell: (l) => (l.known && l.known.bytes[k] ? byteWords(l.known.bytes[k]) : "") })),
            { key: "waste", name: "Waste", number: true, cell: (l) => (l.known && wasteOf(l.known.bytes) ? byteWords(wasteOf(l.known.bytes)) : "") },
            { key: "bar", name: "", cell: (l) => this.bar(l, kinds) },
            { key: "n", name: "Line", number: true, cell: (l) => (l.number ? String(l.number) : "⋯") },
            { key: "code", name: "Source", cell: (l) => l.text },
        ];
        if (model.graded)
            columns.splice(4, 0, { key: "effect", name: "Effect", number: true, cell: (l) =>
                (l.known && l.known.effect ? shareWords(l.known.effect) : "") });
        this.grid = new Grid("source", columns, {
            label: (l) => (l.known ? "known" : ""), printed: 0,
            open: (l) => l.known && lead(`${fileName(this.file.file)}:${l.number}`, this.pairsAt(l.number)),
        });
        this.grid.box.classList.toggle("graded", model.graded);
        this.grid.box.addEventListener("keydown", (event) => this.key(event));
        byId("source-file").append(...this.ranked.map((f, at) =>
            make("option", { value: String(at), title: f.file }, `${cutWords(f.file, 70)} (${byteWords(f.waste)})`)));
        byId("source-file").addEventListener("change", () => this.show(this.ranked[Number(byId("source-file").value)], 0));
        byId("source-section").hidden = false;
        this.show(this.ranked[0], 0);
        window.addEventListener("hashchange", () => this.go());
        this.go();
    }

    bar(line, kinds) {
        if (!line.known)
            return null;
        if (!wasteOf(line.known.bytes))
            return line.known.firsts ? "○" : null;
        return shareBar(kinds.filter((k) => KINDS[k].waste).map((k) => [`k${k}`, line.known.bytes[k] / this.most]), byteWords(wasteOf(line.known.bytes)), 8);
    }

    pairsAt(line) {
        const here = (side) => side.placed && side.own.file === this.file.file && side.own.line === line, pairs = [];
        for (let i = 0; i < this.model.count; i++)
            if (here(this.model.second(i)) || here(this.model.first(i)))
                pairs.push(i);
        return pairs;
    }

    // All lines that the page has of the file; others that have waste, without their text; between them, what is left out.
    linesOf(file) {
        const text = this.model.sourceLines(file.file);
        const numbers = [...new Set([...text.keys(), ...file.lines.keys()])].sort((a, b) => a - b), lines = [];
        for (const number of numbers) {
            if (number !== (lines.length ? lines[lines.length - 1].number : 0) + 1)
                lines.push({ number: 0, text: "", known: null });
            lines.push({ number, text: text.has(number) ? text.get(number) : "", known: file.lines.get(number) || null });
        }
        return lines;
    }

    // Line 0: the worst one.
    show(file, line) {
        this.file = file;
        this.most = Math.max(1, ...[...file.lines.values()].map((l) => wasteOf(l.bytes)));
        byId("source-file").value = String(this.ranked.indexOf(file));
        byId("source-info").textContent = this.model.sourceLines(file.file).size ? `${byteWords(file.waste)} of waste` :
            "The source file is not at hand (--source-map says where to look).";
        const lines = this.linesOf(file);
        this.grid.setItems(lines);
        const worst = lines.reduce((best, l, at) => (l.known && wasteOf(l.known.bytes) > (lines[best].known ? wasteOf(lines[best].known.bytes) : 0) ? at : best), 0);
        const at = line ? lines.findIndex((l) => l.number === line) : worst;
        this.grid.show(Math.max(0, at));
    }

    go() {
        const found = location.hash.startsWith(SOURCE_PREFIX) && /^(.*):(\d+)$/.exec(location.hash.slice(SOURCE_PREFIX.length));
        const file = found && this.files.get(decodeURIComponent(found[1]));
        if (!file)
            return;
        this.show(file, Number(found[2]));
        byId("source-section").scrollIntoView();
        this.grid.box.focus({ preventScroll: true });
    }

    key(event) {
        const step = { n: 1, p: -1 }[event.key];
        if (!step || event.target !== this.grid.box)
            return;
        const lines = this.grid.items;
        for (let at = this.grid.current + step; at >= 0 && at < lines.length; at += step)
            if (lines[at].known && wasteOf(lines[at].known.bytes)) {
                this.grid.show(at);
                return;
            }
    }
}
