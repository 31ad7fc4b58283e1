/* kinds.c: pieces of work that waste accesses in different ways.  -DMEND=N mends one of them, 1 to 5; 0 none (README.md has what each is worth). */
#include <stdio.h>
#include <string.h>

#ifndef MEND
#define MEND 0
#endif
#ifndef ROUNDS
#define ROUNDS 20000
#endif
#define APART __attribute__((noinline))

enum { TABLE = 4096, LINE = 400, CELLS = 1000, PARTICLES = 2000 };

unsigned char table[TABLE], used[8], copy[LINE];
char line[LINE + 1], cells[CELLS];
struct particle {
    double position[3], force[3];
    int mark;
} particles[PARTICLES];
struct reader {
    const unsigned char *next, *end;
    unsigned sum, lines;
} reader;
double apart[PARTICLES];
unsigned result;

/* 1: clears the whole table for eight entries. */
APART void look_up(unsigned round)
{
#if MEND == 1
    for (unsigned i = 0; i < 8; i++)
        table[used[i] * 16] = 0;
#else
    memset(table, 0, TABLE);
#endif
    for (unsigned i = 0; i < 8; i++) {
        used[i] = (unsigned char)(round * 31 + i * 7);
        table[used[i] * 16]++;
    }
    result += table[round % TABLE];
}

/* 2: looks for the line's end again in each round. */
APART unsigned length_of(const char *s)
{
    const char *end = s;
    while (*end)
        end++;
    return (unsigned)(end - s);
}

APART void scan_line(void)
{
    unsigned blanks = 0;
#if MEND == 2
    unsigned length = length_of(line);
    for (unsigned i = 0; i < length; i += 20)
        blanks += line[i] == ' ', line[i] |= 32;
#else
    for (unsigned i = 0; i < length_of(line); i += 20)
        blanks += line[i] == ' ', line[i] |= 32;
#endif
    result += blanks;
}

/* 3: blanks what it then fills. */
APART void blank(void)
{
    for (unsigned i = 0; i < CELLS; i++) {
        cells[i] = ' ';
        __asm__("" : : : "memory"); /* so that it does not become a memset */
    }
}

APART void render(unsigned level)
{
#if MEND != 3
    blank();
#endif
    for (unsigned i = 0; i < CELLS; i++)
        cells[i] = i < level ? '#' : '.';
}

/* 4: keeps position and counts in memory. */
APART void read_bytes(struct reader *r, unsigned char *copy)
{
#if MEND == 4
    const unsigned char *next = r->next;
    unsigned sum = r->sum, lines = r->lines;
    while (next < r->end) {
        sum += *copy++ = *next;
        lines += *next++ == '\n';
    }
    r->next = next, r->sum = sum, r->lines = lines;
#else
    while (r->next < r->end) {
        r->sum += *copy++ = *r->next;
        r->lines += *r->next++ == '\n';
    }
#endif
}

/* 5: 2,000 particles in each round, read once: nothing is to be mended but the layout, which this does. */
APART void add_forces(void)
{
#if MEND == 5
    const double *force = apart;
    const unsigned step = 1;
#else
    const double *force = &particles[0].force[2];
    const unsigned step = sizeof *particles / sizeof(double);
#endif
    double sum = 0;
    for (unsigned i = 0; i < PARTICLES; i++)
        sum += force[i * step];
    result += (unsigned)sum;
}

int main(void)
{
    memset(line, 'x', LINE);
    for (unsigned i = 0; i < LINE; i += 7)
        line[i] = i % 3 ? ' ' : '\n';
    for (unsigned round = 0; round < ROUNDS; round++) {
        look_up(round);
        scan_line();
        render(round % CELLS);
        reader =
            (struct reader){(const unsigned char *)line, (const unsigned char *)line + LINE, reader.sum, reader.lines};
        read_bytes(&reader, copy);
        add_forces();
    }
    printf("%u %u %u %d\n", result, reader.sum, reader.lines, cells[7]);
}
