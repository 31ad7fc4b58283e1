/* Dead stores: values that are overwritten before anything reads them.
 *
 * render() clears the whole line and then writes every cell of it, so that each cleared cell is a dead store: 80 bytes
 * a frame.  record() sets `last_level` at every sample although only the value after the last one is ever read. */
#include <stdio.h>
#include <string.h>

#define NOINLINE __attribute__((noinline))

enum { COLUMNS = 80, FRAMES = 400 };

static char line[COLUMNS + 1];
static int last_level;

NOINLINE static void clear(char *cells)
{
    for (int i = 0; i < COLUMNS; i++)
        cells[i] = ' ';
}

NOINLINE static void render(char *cells, int level)
{
    clear(cells); /* the waste: none of these blanks is ever seen */
    for (int i = 0; i < COLUMNS; i++)
        cells[i] = i < level ? '#' : '.';
}

NOINLINE static void record(int level)
{
    last_level = level; /* the waste: main reads it once, after the last frame */
}

int main(void)
{
    unsigned seen = 0;
    for (int frame = 0; frame < FRAMES; frame++) {
        int level = frame * 7 % COLUMNS;
        render(line, level);
        record(level);
        for (int i = 0; i < COLUMNS; i++)
            seen += line[i] == '#';
    }
    line[COLUMNS] = '\0';
    puts(line);
    printf("%u marks in %d frames, the last one at level %d\n", seen, FRAMES, last_level);
    return 0;
}
