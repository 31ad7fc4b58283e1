#include "api/heat.h"

#include "base/outfile.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* The file: this word, the number of sites as u64, the bits. */
static const char magic[8] = "mt-heat1";

enum { SITES_MAX = 1 << 25, COVER = 1000, PATH_SIZE = 4096 };

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
    static const char *const folders[] = {"", "/heat"};
    for (size_t i = 0; i < sizeof folders / sizeof *folders; i++) {
        n += snprintf(path + n, PATH_SIZE - (size_t)n, "%s", folders[i]);
        if (create && mkdir(path, 0700) != 0 && errno != EEXIST)
            return false;
    }
    snprintf(path + n, PATH_SIZE - (size_t)n, "/%016" PRIx64, hash_of(module, size));
    return true;
}

void heat_load(struct heat *h, const uint8_t *module, size_t size)
{
    *h = (struct heat){0};
    buf_init(&h->bits, SITES_MAX / 8);
    char path[PATH_SIZE];
    FILE *f = path_of(path, module, size, false) ? fopen(path, "rb") : NULL;
    if (!f)
        return;
    char word[sizeof magic];
    uint64_t sites = 0;
    if (fread(word, sizeof word, 1, f) == 1 && memcmp(word, magic, sizeof magic) == 0 &&
        fread(&sites, sizeof sites, 1, f) == 1 && sites && sites < SITES_MAX &&
        buf_reserve(&h->bits, (sites + 7) / 8) && fread(h->bits.data, (sites + 7) / 8, 1, f) == 1) {
        h->bits.size = (sites + 7) / 8;
        h->sites = sites;
    }
    fclose(f);
}

void heat_release(struct heat *h)
{
    buf_release(&h->bits);
    h->sites = 0;
}

static int descending(const void *a, const void *b)
{
    const uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x < y) - (x > y);
}

/* What a site must have run to be among the `limit` first, and not be too rare to matter. */
static uint64_t threshold(const uint64_t *counts, uint64_t sites, uint64_t limit, uint64_t total)
{
    uint64_t *sorted = malloc(sites * sizeof *sorted);
    if (!sorted)
        return UINT64_MAX;
    memcpy(sorted, counts, sites * sizeof *sorted);
    qsort(sorted, sites, sizeof *sorted, descending);
    uint64_t last = 0, sum = 0; /* those that make up all but a thousandth */
    for (; last < sites && last < limit && sum < total - total / COVER; last++)
        sum += sorted[last];
    uint64_t least = last ? sorted[last - 1] : 1;
    free(sorted);
    return least ? least : 1;
}

static bool knows(const struct heat *h, uint64_t site)
{
    return site < h->sites && h->bits.data[site / 8] >> site % 8 & 1;
}

static void write_file(const char *path, uint64_t sites, const struct buf *bits)
{
    struct error err = ERROR_INIT;
    struct outfile file;
    if (!outfile_open(&file, path, &err))
        return;
    FILE *stream = outfile_stream(&file);
    fwrite(magic, sizeof magic, 1, stream);
    fwrite(&sites, sizeof sites, 1, stream);
    fwrite(bits->data, bits->size, 1, stream);
    outfile_commit(&file, &err);
}

void heat_save(const struct heat *h, const uint8_t *module, size_t size, const uint64_t *counts, uint64_t sites,
               uint64_t limit)
{
    uint64_t total = 0, unknown = 0;
    for (uint64_t i = 0; i < sites; i++) {
        total += counts[i];
        unknown += knows(h, i) ? 0 : counts[i];
    }
    char path[PATH_SIZE];
    if (total == 0 || unknown <= total / 10 || sites >= SITES_MAX || !path_of(path, module, size, true))
        return;
    uint64_t least = threshold(counts, sites, limit, total);
    struct buf bits;
    buf_init(&bits, SITES_MAX / 8);
    if (buf_reserve(&bits, (sites + 7) / 8)) {
        bits.size = (sites + 7) / 8;
        memset(bits.data, 0, bits.size);
        for (uint64_t i = 0; i < sites; i++)
            if (counts[i] >= least || (h->sites == sites && knows(h, i)))
                bits.data[i / 8] |= (uint8_t)(1 << i % 8);
        write_file(path, sites, &bits);
    }
    buf_release(&bits);
}
