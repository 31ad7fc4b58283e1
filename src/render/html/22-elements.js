// Elements of the page, made from data; text is never taken for markup.

function byId(id) {
    return document.getElementById(id);
}

// make("div", { className: "x" }, "text", child…)
function make(name, properties, ...children) {
    const element = document.createElement(name);
    Object.assign(element, properties);
    element.append(...children.filter((c) => c !== null && c !== undefined));
    return element;
}

function makeSvg(name, attributes, ...children) {
    const element = document.createElementNS("http://www.w3.org/2000/svg", name);
    for (const [key, value] of Object.entries(attributes || {}))
        element.setAttribute(key, value);
    element.append(...children);
    return element;
}

// A bar of shares: [[class, share]…], each from 0 to 1.
function shareBar(parts, label, height = 14) {
    const svg = makeSvg("svg", { viewBox: `0 0 1000 ${height}`, height, preserveAspectRatio: "none", role: "img", "aria-label": label });
    svg.append(makeSvg("rect", { class: "empty", width: 1000, height, rx: 3 }));
    let at = 0;
    for (const [name, share] of parts) {
        const width = Math.min(1000 - at, share * 1000);
        svg.append(makeSvg("rect", { class: name, x: at, width: share > 0 ? Math.max(width, 1.5) : 0, height }));
        at += width;
    }
    return svg;
}

const TAIL_MOST = 12; // letters of a name that stay when it is cut

// Text that is cut in its middle where there is no room for all of it.
function middle(text) {
    const tail = Math.min(TAIL_MOST, Math.floor(text.length / 2));
    return make("span", { className: "middle", title: text }, make("span", {}, text.slice(0, text.length - tail)),
        make("span", {}, text.slice(text.length - tail)));
}

function dot(kind) {
    return make("span", { className: `dot d${kind}` });
}

function gradeWords(grade, effect) {
    return grade ? make("span", { className: `grade ${grade}`,
                                  title: `Expected effect: mending it would save ${shareWords(effect)} of what all accesses cost` }, grade) : null;
}

// A place that leads to the source, where the page has it.
function placeLink(frame, words) {
    if (!frame.file || !frame.line)
        return words;
    return make("a", { href: sourceAddress(frame.file, frame.line), title: `${frame.file}:${frame.line}` }, words);
}
