#!/usr/bin/env python3
"""progress.py MEM_TRACER: the line at the bottom of the terminal while a program runs, seen through a terminal emulator.

What the program writes, half lines too, has to look as it does without the line.  Needs pyte and clang-19 with WASI.  The last line is
`N passed, N failed`."""
import os
import pty
import re
import shutil
import struct
import subprocess
import sys
import tempfile
import termios
import fcntl

from commands import compile_c
from surroundings import lacks

try:
    import pyte
except ImportError:
    sys.path.append("/usr/lib/python3/dist-packages")  # another Python than Debian's may run the tests
    try:
        import pyte
    except ImportError:
        sys.exit(lacks("no pyte"))

# Lines and half lines on both streams, for so many tenths of a second, so that the line is drawn in the middle of some.
SOURCE = """
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
static volatile int busy[1024];
int main(int argc, char **argv) {
    int tenths = atoi(argv[1]), lines = atoi(argv[2]);
    struct timespec start, now;
    clock_gettime(CLOCK_MONOTONIC, &start);
    for (int i = 0; i < tenths; i++) {
        fprintf(i % 3 ? stdout : stderr, "%d begins,", i);
        fflush(stdout);
        do {
            for (int k = 0; k < 20000; k++)
                busy[k % 1024] = k;
            clock_gettime(CLOCK_MONOTONIC, &now);
        } while ((now.tv_sec - start.tv_sec) * 10 + (now.tv_nsec - start.tv_nsec) / 100000000 < i + 1);
        if (lines && i % lines == 0)
            printf(" and is over\\n");
    }
    printf("\\nthe end");
    return 0;
}
"""


class Watched(pyte.HistoryScreen):
    """Notes what is in the last row whenever something was written there."""

    def __init__(self, columns, rows):
        super().__init__(columns, rows, history=1000, ratio=0.5)
        self.seen = []

    def set_margins(self, top=None, bottom=None):
        """As terminals do; pyte 0.8 keeps the bottom where no numbers are given, and leaves the cursor."""
        if not top and bottom is None:
            self.margins = None
            self.cursor_position()
        else:
            super().set_margins(top, bottom)

    def draw(self, data):
        super().draw(data)
        if "mem-tracer" in data or "accesses" in data:
            self.seen.append((self.cursor.y, self.display[self.lines - 1].rstrip()))


def on_terminal(words, rows, columns, start="", **environment):
    """The screen after a command that has it for both its streams."""
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
    screen = Watched(columns, rows)
    stream = pyte.ByteStream(screen)
    stream.feed(start.encode())
    env = {k: v for k, v in os.environ.items() if k not in ("TERM", "COLUMNS")} | {"TERM": "xterm"} | environment
    child = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=slave, stderr=slave, env=env)
    os.close(slave)
    raw = b""
    while True:
        try:
            part = os.read(master, 65536)
        except OSError:
            break
        if not part:
            break
        raw += part
        stream.feed(part)
    os.close(master)
    return child.wait(), screen, raw


def shown(screen):
    """All lines that ever stood there, up to the last with something on it."""
    lines = ["".join(line[x].data for x in range(screen.columns)).rstrip() for line in screen.history.top] + [l.rstrip() for l in screen.display]
    while lines and not lines[-1]:
        lines.pop()
    return lines


def check(tool, wasm, folder, rows, columns, start, tenths, lines, *options):
    words = [tool, "--run", wasm, "-o", os.path.join(folder, "o.wasm"), "--format", "json", "--report", os.path.join(folder, "o.json"), *options]
    arguments = ["--", str(tenths), str(lines)]
    status, plain, _ = on_terminal([*words, "-q", *arguments], rows, columns, start)
    assert status == 0 and not plain.seen, plain.seen
    status, screen, _ = on_terminal([*words, *arguments], rows, columns, start)
    assert status == 0
    assert len(screen.seen) >= tenths // 10 - 1, screen.seen
    form = re.compile(r"mem-tracer: \d+ s, about (\d+\.\d) million accesses, \d+\.\d million a second, \d+(\.\d)? [MG]iB of memory")
    counts = []
    for y, text in screen.seen:
        assert y == rows - 1, (y, text)
        match = form.fullmatch(text)
        assert match or (columns < 90 and len(text) < columns and text.startswith("mem-tracer: ")), text
        if match:
            counts.append(float(match[1]))
    assert counts == sorted(counts) and (columns < 90 or 0 < counts[0] and (len(counts) < 2 or counts[0] < counts[-1])), counts
    assert shown(screen) == shown(plain), (shown(screen), shown(plain))
    assert screen.margins is None or (screen.margins.top, screen.margins.bottom) == (0, rows - 1), screen.margins
    return screen


def main():
    tool = os.path.abspath(sys.argv[1])
    if not shutil.which("clang-19"):
        return lacks("no clang-19")
    with tempfile.TemporaryDirectory() as folder:
        wasm = os.path.join(folder, "a.wasm")
        compile_c(SOURCE, os.path.join(folder, "a.c"), wasm, ("-std=gnu17", "-O1"))
        check(tool, wasm, folder, 24, 120, "", 23, 1)
        check(tool, wasm, folder, 6, 40, "\r\n" * 20 + "before> ", 13, 2)  # at the bottom, behind half a line; cut
        check(tool, wasm, folder, 8, 120, "x\r\ny", 13, 2, "--analysis", "trace")
        words = [tool, "--run", wasm, "-o", os.path.join(folder, "o.wasm"), "--timeout", "3", "--", "60", "1"]
        status, screen, _ = on_terminal(words, 30, 120)  # the end by time has the terminal as it was, too
        assert status == 134 and screen.seen and (screen.margins is None or screen.margins.bottom == 29), screen.margins
        for environment in ({"TERM": "dumb"}, {"TERM": ""}):
            _, _, raw = on_terminal([*words[:5], "--timeout", "3", "--", "60", "1"], 30, 120, **environment)
            assert b"\x1b" not in raw and b"accesses, " not in raw.split(b"Memory use")[0], raw[:300]
    print("1 passed, 0 failed")
    return 0


if __name__ == "__main__":
    sys.exit(main())
