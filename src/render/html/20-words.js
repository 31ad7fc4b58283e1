// Numbers in words, and elements; text only ever gets into the page as text.

const GROUPED = new Intl.NumberFormat("en-US");

function grouped(n) {
    return GROUPED.format(n);
}

function byteWords(n) {
    if (n < 1024)
        return n === 1 ? "1 byte" : `${n} bytes`;
    const units = ["KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];
    let unit = -1;
    do {
        n /= 1024;
        unit++;
    } while (n >= 1023.95 && unit < units.length - 1);
    return `${n.toFixed(1)} ${units[unit]}`;
}

function shareWords(share) {
    if (share <= 0)
        return "0%";
    if (share < 0.0005)
        return "<0.1%";
    return share >= 1 ? "100%" : share >= 0.9995 ? ">99.9%" : `${(share * 100).toFixed(1)}%`;
}

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
