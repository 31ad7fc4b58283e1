/* bench_analyze: how long the analysis by location takes for a record, on made-up streams.  Not a test.
 *
 *     bench_analyze [MILLIONS OF RECORDS [STREAM]]
 *
 * Every stream is written into a buffer the size of the guest's and analysed from there, over and over; only the
 * analysis is timed. */
#include "analyze/location.h"
#include "base/vec.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

enum { BUFFER_SIZE = 512 << 10 };

struct stream {
    struct site_table table;
    uint8_t *buffer;
    size_t size;      /* bytes in the buffer */
    uint64_t records; /* analysed so far */
    uint64_t limit;
    double seconds;
    struct location_analysis *analysis;
};

static site_id add_site(struct stream *s, unsigned kind, unsigned width)
{
    struct site_table *t = &s->table;
    if (!vec_room((void **)&t->sites, &t->capacity, t->count, sizeof *t->sites))
        abort();
    t->sites[t->count] = (struct site){.kind = (uint8_t)kind, .width = (uint8_t)width, .value = VALUE_I64};
    return (site_id)(SITE_FIRST + t->count++);
}

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void flush(struct stream *s)
{
    double start = now();
    if (!location_analysis_put(s->analysis, s->buffer, s->size))
        abort();
    s->seconds += now() - start;
    s->records += s->size / RECORD_UNIT;
    s->size = 0;
}

static inline void put(struct stream *s, site_id site, uint32_t address, unsigned flag)
{
    uint32_t words[2] = {record_head(site, 1, flag), address};
    memcpy(s->buffer + s->size, words, sizeof words);
    s->size += sizeof words;
    if (s->size == BUFFER_SIZE)
        flush(s);
}

/* c[i][j] += a[i][k] * b[k][j], as compilers leave it: c loaded and stored every time. */
static void matmul(struct stream *s)
{
    enum { N = 128, A = 1 << 16, B = A + N * N * 8, C = B + N * N * 8 };
    site_id load_a = add_site(s, ACCESS_LOAD, 8);
    site_id load_b = add_site(s, ACCESS_LOAD, 8);
    site_id load_c = add_site(s, ACCESS_LOAD, 8);
    site_id store_c = add_site(s, ACCESS_STORE, 8);
    while (s->records < s->limit) {
        for (uint32_t i = 0; i < N; i++) {
            for (uint32_t j = 0; j < N; j++) {
                for (uint32_t k = 0; k < N; k++) {
                    put(s, load_c, C + 8 * (i * N + j), 0);
                    put(s, load_a, A + 8 * (i * N + k), 0);
                    put(s, load_b, B + 8 * (k * N + j), 0);
                    put(s, store_c, C + 8 * (i * N + j), 0);
                }
            }
        }
    }
}

/* The same over 1500 x 1500 doubles, row by row of b. */
static void large_matrix(struct stream *s)
{
    enum { N = 1500, A = 1 << 16, B = A + N * N * 8, C = B + N * N * 8 };
    site_id load_a = add_site(s, ACCESS_LOAD, 8);
    site_id load_b = add_site(s, ACCESS_LOAD, 8);
    site_id store_c = add_site(s, ACCESS_STORE, 8);
    for (uint32_t i = 0; s->records < s->limit; i = (i + 1) % N) {
        for (uint32_t j = 0; j < N && s->records < s->limit; j++) {
            for (uint32_t k = 0; k < N; k++) {
                put(s, load_a, A + 8 * (i * N + k), 0);
                put(s, load_b, B + 8 * (k * N + j), 0);
            }
            put(s, store_c, C + 8 * (i * N + j), 0);
        }
    }
}

/* Strings: measured, copied, compared, a byte at a time. */
static void strings(struct stream *s)
{
    enum { TEXT = 1 << 16, COPY = TEXT + (1 << 18), LENGTH = 37 };
    site_id measure = add_site(s, ACCESS_LOAD, 1);
    site_id load = add_site(s, ACCESS_LOAD, 1);
    site_id store = add_site(s, ACCESS_STORE, 1);
    site_id compare_a = add_site(s, ACCESS_LOAD, 1);
    site_id compare_b = add_site(s, ACCESS_LOAD, 1);
    for (uint32_t n = 0; s->records < s->limit; n = (n + 1) % 7000) {
        uint32_t at = n * LENGTH;
        for (uint32_t i = 0; i < LENGTH; i++)
            put(s, measure, TEXT + at + i, 0);
        for (uint32_t i = 0; i < LENGTH; i++) {
            put(s, load, TEXT + at + i, 0);
            put(s, store, COPY + at + i, 0);
        }
        for (uint32_t i = 0; i < LENGTH; i++) {
            put(s, compare_a, TEXT + at + i, 0);
            put(s, compare_b, COPY + at + i, 0);
        }
    }
}

/* Fields of 1, 2, 4 and 8 bytes of objects met at random, in `objects` times 32 bytes. */
static void pointers(struct stream *s, uint32_t objects)
{
    enum { SITES = 400 };
    static const uint8_t offsets[] = {0, 4, 8, 16, 24, 28, 30, 31};
    static const uint8_t widths[] = {4, 4, 8, 8, 4, 2, 1, 1};
    site_id sites[SITES];
    for (unsigned i = 0; i < SITES; i++)
        sites[i] = add_site(s, i % 3 ? ACCESS_LOAD : ACCESS_STORE, widths[i % 8]);
    uint64_t state = 88172645463325252u;
    while (s->records < s->limit) {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        uint32_t object = (1 << 16) + 32 * (uint32_t)((state >> 20) % objects);
        unsigned code = (unsigned)(state >> 8) % (SITES / 8); /* a piece of code that uses some of its fields */
        for (unsigned field = 0; field < 6; field++) {
            unsigned n = 8 * code + (field + code) % 8;
            put(s, sites[n], object + offsets[n % 8], n % 3 == 0 && n % 16 == 0);
        }
    }
}

static void heap(struct stream *s)
{
    pointers(s, 20000);
}

static void large_heap(struct stream *s)
{
    pointers(s, 4000000);
}

static const struct {
    const char *name;
    void (*make)(struct stream *s);
} streams[] = {
    {"matmul", matmul}, {"large-matrix", large_matrix}, {"strings", strings}, {"heap", heap}, {"large-heap", large_heap},
};

int main(int argc, char **argv)
{
    uint64_t millions = argc > 1 ? strtoull(argv[1], NULL, 10) : 100;
    for (size_t i = 0; i < sizeof streams / sizeof streams[0]; i++) {
        if (argc > 2 && strcmp(argv[2], streams[i].name) != 0)
            continue;
        /* What can be known of the sites must be known before the analysis starts, so the stream is started twice. */
        struct stream first = {.limit = 0};
        streams[i].make(&first);
        struct stream s = {.limit = millions * 1000000};
        struct error err = ERROR_INIT;
        first.table.memories = 1;
        s.buffer = malloc(BUFFER_SIZE);
        s.analysis = location_analysis_new(&first.table, &err);
        if (!s.buffer || !s.analysis)
            abort();
        streams[i].make(&s);
        double start = now();
        struct counters c;
        if (!location_analysis_counters(s.analysis, &c, &err))
            abort();
        struct rusage usage;
        getrusage(RUSAGE_SELF, &usage);
        printf("%-13s %6.2f ns/record   counters %6.1f ms   %zu pairs   %ld MiB resident at most\n", streams[i].name,
               1e9 * s.seconds / (double)s.records, 1e3 * (now() - start), c.pair_count, usage.ru_maxrss / 1024);
        counters_release(&c);
        location_analysis_free(s.analysis);
        free(s.buffer);
        free(s.table.sites);
        free(first.table.sites);
    }
    return 0;
}
