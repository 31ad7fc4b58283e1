#!/usr/bin/env python3
"""screen_picture.py OUT.svg COMMAND [ARGUMENTS …]: a picture of what a command prints at a terminal of 80 columns

Runs it on a pseudo-terminal and draws the last 26 lines of its standard output, with their colours. README's picture is made by

    scripts/screen_picture.py docs/screen.svg build/release/mem-tracer --run -o /dev/null examples/dead_stores.wasm
"""
import fcntl
import html
import os
import pty
import re
import struct
import subprocess
import sys
import termios

COLUMNS, ROWS = 80, 26
WIDE, HIGH, EDGE = 8.4, 18, 14  # of a character, of a line, around them, in pixels
STYLES = {"1": "font-weight:bold", "31": "fill:#f47067", "32": "fill:#8ddb8c", "33": "fill:#f0c060", "36": "fill:#76c7d6"}  # as src/render/output.c has them


def on_terminal(words, rows, columns, env, **popen):
    """what a command writes to a pseudo-terminal (0 columns: of no known size), and its exit status"""
    master, slave = pty.openpty()
    if columns:
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
    child = subprocess.Popen(words, stdout=slave, env=env, **popen)
    os.close(slave)
    data = b""
    while True:
        try:
            part = os.read(master, 65536)
        except OSError:  # the other end is closed
            break
        if not part:
            break
        data += part
    os.close(master)
    return data.replace(b"\r\n", b"\n"), child.wait()


def run(words):
    """the lines that it writes to the terminal; errors stay ours"""
    env = {k: v for k, v in os.environ.items() if k not in ("NO_COLOR", "COLUMNS")} | {"TERM": "xterm"}
    data, status = on_terminal(words, ROWS, COLUMNS, env)
    if status:
        raise SystemExit(f"screen_picture: {words[0]}: exit status {status}")
    return data.decode("utf-8").rstrip("\n").split("\n")


def draw(line, y):
    """one line as text, a span for each style"""
    spans, style = [], ""
    for part in re.split(r"(\x1b\[[0-9;]*m)", line):
        code = re.fullmatch(r"\x1b\[([0-9;]*)m", part)
        if code:
            style = ";".join(STYLES[c] for c in code[1].split(";") if c in STYLES)
        elif part:
            text = html.escape(part, quote=False)
            spans.append(f'<tspan style="{style}">{text}</tspan>' if style else text)
    return f'<text x="{EDGE}" y="{y}" xml:space="preserve">{"".join(spans)}</text>'


def main():
    lines = ["$ " + " ".join(["mem-tracer", *[w for w in sys.argv[3:] if w not in ("-o", "/dev/null")]]), *run(sys.argv[2:])[-(ROWS - 1):]]
    width, height = round(COLUMNS * WIDE + 2 * EDGE), len(lines) * HIGH + 2 * EDGE
    rows = "\n".join(draw(line, EDGE + HIGH * (i + 1) - 5) for i, line in enumerate(lines))
    with open(sys.argv[1], "w", encoding="utf-8") as f:
        f.write(f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}">\n'
                f'<rect width="100%" height="100%" rx="8" fill="#22272e"/>\n'
                f'<g font-family="ui-monospace, DejaVu Sans Mono, monospace" font-size="14" fill="#cdd9e5">\n{rows}\n</g>\n</svg>\n')


if __name__ == "__main__":
    main()
