#include "api/habit_file.h"

#include "base/outfile.h"
#include "trace/planes.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* The file: this word, the numbers below, 64 bits each, the entries, of sites that are not cold, and the marks. */
enum number { SITES, ENTRIES, MARKS, NUMBERS };
static const char magic[8] = "mt-habi7";

struct entry {
    uint32_t site;
    struct habit habit;
};

enum { SITES_MAX = MARK_SITE_LIMIT, MARKS_MAX = 1 << 26, PATH_SIZE = 4096, TABLE_LOG2_MAX = 8 };

/* A hash of the module, 8 bytes at a time: FNV-1a's way of mixing (Fowler, Noll, Vo), which is good enough to tell a user's
 * modules apart. */
static uint64_t hash_of(const uint8_t *bytes, size_t size)
{
    uint64_t hash = UINT64_C(0xcbf29ce484222325) ^ size;
    uint64_t word = 0;
    for (size_t i = 0; i < size; i += sizeof word) {
        word = 0;
        memcpy(&word, bytes + i, size - i < sizeof word ? size - i : sizeof word);
        hash = (hash ^ word) * UINT64_C(0x100000001b3);
        hash ^= hash >> 29;
    }
    return hash;
}

/* Where the file lies; with `create`, the folders too.  False where there is no such place. */
static bool path_of(char path[PATH_SIZE], const uint8_t *module, size_t size, bool create)
{
    const char *cache = getenv("XDG_CACHE_HOME"), *home = getenv("HOME");
    int n = -1;
    if (cache && *cache == '/')
        n = snprintf(path, PATH_SIZE - 64, "%s", cache);
    else if (home && *home == '/')
        n = snprintf(path, PATH_SIZE - 64, "%s/.cache", home);
    if (n < 0 || n >= PATH_SIZE - 64)
        return false;
    static const char *const folders[] = {"", "/mem-tracer", "/habits"}; /* a new user has no folder for caches */
    for (size_t i = 0; i < sizeof folders / sizeof *folders; i++) {
        n += snprintf(path + n, PATH_SIZE - (size_t)n, "%s", folders[i]);
        if (create && mkdir(path, 0700) != 0 && errno != EEXIST)
            return false;
    }
    snprintf(path + n, PATH_SIZE - (size_t)n, "/%016" PRIx64, hash_of(module, size));
    return true;
}

static bool table_is_valid(const struct habit_table *t)
{
    return t->log2 <= TABLE_LOG2_MAX;
}

static bool entry_is_valid(const struct entry *e, const uint64_t counts[NUMBERS])
{
    const struct habit *h = &e->habit;
    return e->site < counts[SITES] && h->kind <= HABIT_READ && (h->kind != HABIT_STEADY || mark_is_plain(h->key)) &&
           table_is_valid(&h->met) && table_is_valid(&h->silent) && table_is_valid(&h->mixed) &&
           (!h->mixed.log2 || h->kind == HABIT_VARIED) && h->marks <= counts[MARKS] &&
           habit_marks(h, true) <= counts[MARKS] - h->marks;
}

/* Bytes of the stream from here on. */
static uint64_t bytes_left(FILE *stream)
{
    long at = ftell(stream);
    if (at < 0 || fseek(stream, 0, SEEK_END) != 0)
        return 0;
    long end = ftell(stream);
    return fseek(stream, at, SEEK_SET) == 0 && end > at ? (uint64_t)(end - at) : 0;
}

/* A module has fewer sites than bytes; the rest must be there. */
static bool counts_are_valid(const uint64_t counts[NUMBERS], size_t module_size, uint64_t left)
{
    return counts[SITES] <= module_size && counts[SITES] <= SITES_MAX && counts[ENTRIES] <= counts[SITES] &&
           counts[MARKS] <= MARKS_MAX &&
           counts[ENTRIES] * sizeof(struct entry) + counts[MARKS] * sizeof(uint32_t) <= left;
}

static bool read_stream(struct habits *f, FILE *stream, size_t module_size)
{
    char word[sizeof magic];
    uint64_t counts[NUMBERS];
    if (fread(word, sizeof word, 1, stream) != 1 || memcmp(word, magic, sizeof magic) != 0 ||
        fread(counts, sizeof counts, 1, stream) != 1 || !counts_are_valid(counts, module_size, bytes_left(stream)))
        return false;
    /* NOLINTNEXTLINE(clang-analyzer-optin.taint.TaintedAlloc): no more than the module has bytes */
    f->by_site = calloc(counts[SITES] + 1, sizeof *f->by_site);
    f->marks = calloc(counts[MARKS] + 1, sizeof *f->marks);
    if (!f->by_site || !f->marks)
        return false;
    f->count = counts[SITES];
    f->mark_count = counts[MARKS];
    for (uint64_t i = 0; i < counts[ENTRIES]; i++) {
        struct entry e;
        if (fread(&e, sizeof e, 1, stream) != 1 || !entry_is_valid(&e, counts))
            return false;
        f->by_site[e.site] = e.habit;
    }
    if (fread(f->marks, sizeof *f->marks, counts[MARKS], stream) != counts[MARKS])
        return false;
    for (size_t i = 0; i < f->mark_count; i++)
        if (f->marks[i] && !mark_is_plain(f->marks[i]))
            return false;
    return true;
}

void habit_file_read(struct habits *h, FILE *stream, size_t module_size)
{
    *h = (struct habits){0};
    if (!read_stream(h, stream, module_size))
        habits_release(h);
}

void habit_file_load(struct habits *h, const uint8_t *module, size_t size)
{
    *h = (struct habits){0};
    char path[PATH_SIZE];
    FILE *stream = path_of(path, module, size, false) ? fopen(path, "rb") : NULL;
    if (!stream)
        return;
    habit_file_read(h, stream, size);
    fclose(stream);
}

void habits_release(struct habits *h)
{
    free(h->by_site);
    free(h->marks);
    *h = (struct habits){0};
}

void habit_file_save(const uint8_t *module, size_t size, const struct habits *h)
{
    char path[PATH_SIZE];
    struct error err = ERROR_INIT;
    struct outfile file;
    if (h->count > SITES_MAX || h->mark_count > MARKS_MAX || !path_of(path, module, size, true) ||
        !outfile_open(&file, path, &err))
        return;
    FILE *stream = outfile_stream(&file);
    uint64_t counts[NUMBERS] = {[SITES] = h->count, [MARKS] = h->mark_count};
    for (size_t i = 0; i < h->count; i++)
        counts[ENTRIES] += h->by_site[i].kind != HABIT_COLD;
    fwrite(magic, sizeof magic, 1, stream);
    fwrite(counts, sizeof counts, 1, stream);
    for (size_t i = 0; i < h->count; i++) {
        struct entry e;
        memset(&e, 0, sizeof e); /* its padding too */
        e.site = (uint32_t)i;
        e.habit = h->by_site[i];
        if (e.habit.kind != HABIT_COLD)
            fwrite(&e, sizeof e, 1, stream);
    }
    fwrite(h->marks, sizeof *h->marks, h->mark_count, stream);
    outfile_commit(&file, &err);
}
