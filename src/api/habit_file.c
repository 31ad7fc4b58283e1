#include "api/habit_file.h"

#include "base/outfile.h"
#include "trace/planes.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* The file: this word, the number of sites and that of entries, 64 bits each, and the entries: of sites that are not cold. */
static const char magic[8] = "mt-habi2";

struct entry {
    uint32_t site;
    struct habit habit;
};

enum { SITES_MAX = MARK_SITE_LIMIT, PATH_SIZE = 4096, TABLE_LOG2_MAX = 8 };

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
        n = snprintf(path, PATH_SIZE - 64, "%s/mem-tracer", cache);
    else if (home && *home == '/')
        n = snprintf(path, PATH_SIZE - 64, "%s/.cache/mem-tracer", home);
    if (n < 0 || n >= PATH_SIZE - 64)
        return false;
    static const char *const folders[] = {"", "/habits"};
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

static bool entry_is_valid(const struct entry *e, uint64_t sites)
{
    const struct habit *h = &e->habit;
    return e->site < sites && h->kind <= HABIT_READ && (h->kind != HABIT_STEADY || mark_is_plain(h->key)) &&
           table_is_valid(&h->met) && table_is_valid(&h->silent);
}

static bool read_file(struct habit_file *f, FILE *stream)
{
    char word[sizeof magic];
    uint64_t counts[2];
    if (fread(word, sizeof word, 1, stream) != 1 || memcmp(word, magic, sizeof magic) != 0 ||
        fread(counts, sizeof counts, 1, stream) != 1 || counts[0] > SITES_MAX || counts[1] > counts[0])
        return false;
    f->habits = calloc(counts[0] + 1, sizeof *f->habits);
    if (!f->habits)
        return false;
    f->count = counts[0];
    for (uint64_t i = 0; i < counts[1]; i++) {
        struct entry e;
        if (fread(&e, sizeof e, 1, stream) != 1 || !entry_is_valid(&e, counts[0]))
            return false;
        f->habits[e.site] = e.habit;
    }
    return true;
}

void habit_file_load(struct habit_file *f, const uint8_t *module, size_t size)
{
    *f = (struct habit_file){0};
    char path[PATH_SIZE];
    FILE *stream = path_of(path, module, size, false) ? fopen(path, "rb") : NULL;
    if (!stream)
        return;
    if (!read_file(f, stream))
        habit_file_release(f);
    fclose(stream);
}

void habit_file_release(struct habit_file *f)
{
    free(f->habits);
    *f = (struct habit_file){0};
}

void habit_file_save(const uint8_t *module, size_t size, const struct habit *habits, size_t count)
{
    char path[PATH_SIZE];
    struct error err = ERROR_INIT;
    struct outfile file;
    if (count > SITES_MAX || !path_of(path, module, size, true) || !outfile_open(&file, path, &err))
        return;
    FILE *stream = outfile_stream(&file);
    uint64_t counts[2] = {count, 0};
    for (size_t i = 0; i < count; i++)
        counts[1] += habits[i].kind != HABIT_COLD;
    fwrite(magic, sizeof magic, 1, stream);
    fwrite(counts, sizeof counts, 1, stream);
    for (size_t i = 0; i < count; i++) {
        struct entry e;
        memset(&e, 0, sizeof e); /* its padding too */
        e.site = (uint32_t)i;
        e.habit = habits[i];
        if (e.habit.kind != HABIT_COLD)
            fwrite(&e, sizeof e, 1, stream);
    }
    outfile_commit(&file, &err);
}
