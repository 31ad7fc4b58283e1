#include "render/spool.h"

#include "base/clean.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { SPOOL_BUFFER = 1 << 18, CHUNK_SIZE = 1 << 16 };

static const char *spool_directory(void)
{
    const char *dir = getenv("TMPDIR");
    return dir && *dir ? dir : "/tmp";
}

/* Sets the error, naming the directory, which a user can change. */
static bool fail(struct spool *s, const char *what, int number)
{
    char room[CLEAN_NAME_LIMIT], reason[128];
    struct buf shown;
    buf_init_over(&shown, room, sizeof room);
    const char *dir = spool_directory();
    clean_put(&shown, dir, strlen(dir), CLEAN_NAME_LIMIT);
    error_set(s->err, ERROR_IO, "cannot %s a temporary file in '%.*s': %s", what, (int)shown.size, room,
              strerror_r(number, reason, sizeof reason));
    s->failed = true;
    return false;
}

/* A file without a name; where the file system cannot make one, a file whose name goes at once. */
static int open_unnamed(const char *dir)
{
    int fd = open(dir, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (fd >= 0 || (errno != EOPNOTSUPP && errno != EISDIR && errno != ENOENT))
        return fd;
    size_t room = strlen(dir) + sizeof "/mem-tracer-XXXXXX";
    char *path = malloc(room);
    if (!path)
        return -1;
    snprintf(path, room, "%s/mem-tracer-XXXXXX", dir);
    fd = mkostemp(path, O_CLOEXEC);
    int number = errno;
    if (fd >= 0)
        unlink(path);
    free(path);
    errno = number;
    return fd;
}

bool spool_open(struct spool *s, struct error *err)
{
    *s = (struct spool){.err = err};
    int fd = open_unnamed(spool_directory());
    if (fd < 0)
        return fail(s, "make", errno);
    s->stream = fdopen(fd, "w+");
    if (!s->stream) {
        int number = errno;
        close(fd);
        return fail(s, "make", number);
    }
    setvbuf(s->stream, NULL, _IOFBF, SPOOL_BUFFER);
    return true;
}

void spool_close(struct spool *s)
{
    if (s->stream)
        fclose(s->stream);
    *s = (struct spool){0};
}

bool spool_put(struct spool *s, const void *bytes, size_t size)
{
    if (s->failed)
        return false;
    errno = 0;
    if (fwrite_unlocked(bytes, 1, size, s->stream) != size)
        return fail(s, "write", errno ? errno : EIO);
    return true;
}

bool spool_rewind(struct spool *s)
{
    if (s->failed)
        return false;
    if (fflush(s->stream) != 0 || fseeko(s->stream, 0, SEEK_SET) != 0)
        return fail(s, "write", errno);
    return true;
}

size_t spool_get(struct spool *s, void *bytes, size_t size)
{
    if (s->failed)
        return 0;
    errno = 0;
    size_t got = fread(bytes, 1, size, s->stream);
    if (got < size && ferror(s->stream))
        fail(s, "read", errno ? errno : EIO);
    return got;
}

bool pair_spool_open(struct pair_spool *p, struct error *err)
{
    *p = (struct pair_spool){0};
    for (int list = 0; list < PAIR_LISTS; list++) {
        if (!spool_open(&p->files[list], err)) {
            pair_spool_close(p);
            return false;
        }
    }
    return true;
}

void pair_spool_close(struct pair_spool *p)
{
    for (int list = 0; list < PAIR_LISTS; list++)
        spool_close(&p->files[list]);
}

static size_t put_leb(uint8_t *to, uint64_t value)
{
    size_t n = 0;
    for (; value >= 0x80; value >>= 7)
        to[n++] = (uint8_t)(value | 0x80);
    to[n++] = (uint8_t)value;
    return n;
}

static bool add_pair(void *self, const struct index_pair *pair)
{
    static const uint8_t lists[] = {[DEFECT_DEAD_STORE] = LIST_DEAD_STORE,
                                    [DEFECT_SILENT_STORE] = LIST_SILENT_STORE,
                                    [DEFECT_SILENT_LOAD_AFTER_LOAD] = LIST_SILENT_LOAD,
                                    [DEFECT_SILENT_LOAD_AFTER_STORE] = LIST_SILENT_LOAD};
    struct pair_spool *p = self;
    unsigned list = lists[pair->kind];
    uint64_t first = pair->first == INDEX_INIT ? 0 : pair->first == INDEX_HOST ? 1 : pair->second - pair->first + 1;
    uint8_t bytes[30];
    size_t n = put_leb(bytes, pair->second - p->previous[list]);
    n += put_leb(bytes + n, first);
    n += put_leb(bytes + n, pair->bytes << 1 | (pair->kind == DEFECT_SILENT_LOAD_AFTER_STORE));
    p->previous[list] = pair->second;
    p->counts[list]++;
    return spool_put(&p->files[list], bytes, n);
}

struct index_sink pair_spool_sink(struct pair_spool *p)
{
    return (struct index_sink){.pair = add_pair, .self = p};
}

bool pair_spool_rewind(struct pair_spool *p, enum pair_list list)
{
    p->previous[list] = 0;
    return spool_rewind(&p->files[list]);
}

/* False at the end of the file, also in the middle of a number. */
static bool get_leb(struct spool *s, uint64_t *value)
{
    *value = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
        int byte = getc_unlocked(s->stream);
        if (byte == EOF)
            return false;
        *value |= (uint64_t)(byte & 0x7F) << shift;
        if (!(byte & 0x80))
            return true;
    }
    return false;
}

bool pair_spool_next(struct pair_spool *p, enum pair_list list, struct index_pair *pair)
{
    struct spool *s = &p->files[list];
    if (s->failed)
        return false;
    int byte = getc_unlocked(s->stream);
    if (byte == EOF && !ferror(s->stream))
        return false;
    ungetc(byte, s->stream);
    uint64_t step, first, bytes;
    errno = 0;
    if (!get_leb(s, &step) || !get_leb(s, &first) || !get_leb(s, &bytes))
        return fail(s, "read", errno ? errno : EIO);
    static const uint8_t kinds[] = {[LIST_DEAD_STORE] = DEFECT_DEAD_STORE,
                                    [LIST_SILENT_STORE] = DEFECT_SILENT_STORE,
                                    [LIST_SILENT_LOAD] = DEFECT_SILENT_LOAD_AFTER_LOAD};
    pair->kind = bytes & 1 ? DEFECT_SILENT_LOAD_AFTER_STORE : kinds[list];
    pair->bytes = bytes >> 1;
    pair->second = p->previous[list] += step;
    pair->first = first == 0 ? INDEX_INIT : first == 1 ? INDEX_HOST : pair->second - first + 1;
    return true;
}

bool record_spool_open(struct record_spool *r, struct error *err)
{
    *r = (struct record_spool){.chunk = malloc(CHUNK_SIZE)};
    if (!r->chunk)
        return error_no_memory(err);
    if (!spool_open(&r->file, err)) {
        record_spool_close(r);
        return false;
    }
    return true;
}

void record_spool_close(struct record_spool *r)
{
    spool_close(&r->file);
    free(r->chunk);
    *r = (struct record_spool){0};
}

static bool put_records(void *self, const uint8_t *records, size_t size)
{
    struct record_spool *r = self;
    return spool_put(&r->file, records, size);
}

struct record_sink record_spool_sink(struct record_spool *r)
{
    return (struct record_sink){.put = put_records, .self = r};
}

bool record_spool_rewind(struct record_spool *r)
{
    r->filled = r->used = 0;
    return spool_rewind(&r->file);
}

bool record_spool_next(struct record_spool *r, const uint8_t **records, size_t *size)
{
    size_t rest = r->filled - r->used; /* the front of a record whose end was not read yet */
    memmove(r->chunk, r->chunk + r->used, rest);
    r->filled = rest + spool_get(&r->file, r->chunk + rest, CHUNK_SIZE - rest);
    r->used = 0;
    if (r->file.failed)
        return false;
    while (r->filled - r->used >= RECORD_UNIT) {
        size_t next = record_size(record_u32(r->chunk + r->used));
        if (next > r->filled - r->used)
            break;
        r->used += next;
    }
    *records = r->chunk;
    *size = r->used;
    if (r->used == 0 && r->filled > 0)
        return fail(&r->file, "read", EIO); /* it ends within a record */
    return r->used > 0;
}
