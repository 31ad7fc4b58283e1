#include "cli/progress.h"

#include "cli/terminal.h"
#include "render/number.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { ROWS_MIN = 3, COLUMNS_MIN = 20 };

bool progress_open(struct progress *p, bool quiet)
{
    unsigned rows, columns;
    *p = (struct progress){0};
    return !quiet && terminal_moves(STDERR_FILENO) && terminal_size(STDERR_FILENO, &rows, &columns);
}

/* Of this process, in bytes; 0: not known. */
static uint64_t memory_in_use(void)
{
    char text[100], *end;
    FILE *f = fopen("/proc/self/statm", "re");
    if (!f)
        return 0;
    const char *line = fgets(text, sizeof text, f);
    fclose(f);
    const char *resident = line ? strchr(line, ' ') : NULL; /* the second number */
    return resident ? strtoull(resident, &end, 10) * (uint64_t)sysconf(_SC_PAGESIZE) : 0;
}

/* In one piece, so that nothing comes between. */
static void send(const char *text, size_t size)
{
    while (size) {
        ssize_t n = write(STDERR_FILENO, text, size);
        if (n <= 0)
            return; /* nothing depends on it */
        text += n;
        size -= (size_t)n;
    }
}

static void clear(struct progress *p)
{
    char text[80];
    if (!p->rows)
        return;
    int size = snprintf(text, sizeof text, "\0337\033[%u;1H\033[2K\033[r\0338", p->rows);
    send(text, (size_t)size);
    p->rows = 0;
}

/* The cursor goes down a row and up again, in its column: where it was in the last row, the text has then moved up. */
static void reserve(struct progress *p, unsigned rows)
{
    char text[80];
    int size = snprintf(text, sizeof text, "\033D\033[1A\0337\033[1;%ur\0338", rows - 1);
    send(text, (size_t)size);
    p->rows = rows;
}

void progress_show(void *self, double seconds, uint64_t accesses)
{
    struct progress *p = self;
    unsigned rows, columns;
    if (seconds < 0 || !terminal_size(STDERR_FILENO, &rows, &columns) || rows < ROWS_MIN || columns < COLUMNS_MIN) {
        clear(p);
        return;
    }
    if (p->rows != rows) {
        clear(p);
        reserve(p, rows);
    }
    if (accesses > p->accesses)
        p->accesses = accesses;
    double millions = (double)p->accesses / 1e6;
    char memory[NUMBER_SIZE], line[200], text[300];
    number_bytes(memory, memory_in_use());
    snprintf(line, sizeof line, "mem-tracer: %.0f s, about %.1f million accesses, %.1f million a second, %s of memory",
             seconds, millions, millions / seconds, memory);
    int size = snprintf(text, sizeof text, "\0337\033[%u;1H\033[2K%.*s\0338", rows, (int)columns - 1, line);
    send(text, (size_t)size);
}
