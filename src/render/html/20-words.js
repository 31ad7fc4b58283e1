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

function addressWords(n) {
    return "0x" + n.toString(16).toUpperCase();
}

// Of so many letters at most, cut in the middle.
function cutWords(text, room) {
    if (text.length <= room)
        return text;
    const end = Math.floor((room - 1) / 2);
    return room < 4 ? "" : text.slice(0, room - 1 - end) + "…" + text.slice(text.length - end);
}
