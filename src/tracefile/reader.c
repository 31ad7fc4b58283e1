#include "tracefile/reader.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <zlib.h>
#include <zstd.h>

enum { READ_AT_ONCE = 1 << 20, PATH_BYTES_MAX = 4096 };

struct frame {
    uint32_t type, stored, plain, records, crc;
};

void trace_cut(struct trace_reader *r, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vsnprintf(r->cut, sizeof r->cut, format, args);
    va_end(args);
    r->done = true;
}

static size_t take(struct trace_reader *r, uint8_t *to, size_t size)
{
    size_t got = r->source.read(r->source.self, to, size);
    r->offset += got;
    return got;
}

static uint32_t get_u32(const uint8_t *p)
{
    return p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

/* As much memory as there are bytes, whatever a header claims. */
static bool read_packed(struct trace_reader *r, size_t size, bool *whole)
{
    buf_clear(&r->packed);
    *whole = false;
    while (r->packed.size < size) {
        size_t n = size - r->packed.size < READ_AT_ONCE ? size - r->packed.size : READ_AT_ONCE;
        if (!buf_reserve(&r->packed, n))
            return error_no_memory(r->err);
        size_t got = take(r, r->packed.data + r->packed.size, n);
        r->packed.size += got;
        if (got < n)
            return true;
    }
    *whole = true;
    return true;
}

static bool unpack(struct trace_reader *r, const struct frame *f, bool *fits)
{
    buf_clear(&r->plain);
    if (!buf_reserve(&r->plain, (size_t)f->plain + 1))
        return error_no_memory(r->err);
    size_t n = ZSTD_decompress(r->plain.data, f->plain, r->packed.data, r->packed.size);
    *fits = !ZSTD_isError(n) && n == f->plain;
    r->plain.size = *fits ? n : 0;
    return true;
}

/* The next frame's content in `plain`.  False when memory is short; where there is none, trace_cut says why. */
static bool read_frame(struct trace_reader *r, struct frame *f)
{
    uint64_t start = r->offset;
    uint8_t header[FRAME_HEADER];
    size_t got = take(r, header, sizeof header);
    bool fits = false;
    if (got < sizeof header) {
        trace_cut(r, "the trace is cut off at byte %" PRIu64, start);
        return true;
    }
    *f = (struct frame){get_u32(header), get_u32(header + 4), get_u32(header + 8), get_u32(header + 12),
                        get_u32(header + 16)};
    if (f->stored <= FRAME_MAX && f->plain <= FRAME_MAX) {
        if (!read_packed(r, f->stored, &fits))
            return false;
        if (!fits) {
            trace_cut(r, "the trace is cut off within the frame at byte %" PRIu64, start);
            return true;
        }
        fits = crc32(crc32(0, header, 16), r->packed.data, (uInt)r->packed.size) == f->crc;
    }
    if (fits && !unpack(r, f, &fits))
        return false;
    if (!fits)
        trace_cut(r, "the trace is damaged in the frame at byte %" PRIu64, start);
    return true;
}

/* Texts of ours hold nothing but printable ASCII, and are shown as they are. */
static void make_plain(char *text)
{
    for (; *text; text++)
        if (*text < ' ' || *text > '~')
            *text = '?';
}

static bool get_text(struct cursor *c, char *to, size_t room)
{
    const char *text;
    uint32_t size;
    if (!cursor_name(c, "a text", &text, &size) || size >= room)
        return false;
    memcpy(to, text, size);
    to[size] = '\0';
    return true;
}

static bool read_head(struct trace_reader *r, struct cursor *c)
{
    struct cursor hash;
    uint8_t flags;
    r->path = malloc(PATH_BYTES_MAX + 1);
    if (!r->path)
        return error_no_memory(r->err);
    if (!get_text(c, r->path, PATH_BYTES_MAX + 1) || !get_text(c, r->why_trace, sizeof r->why_trace) ||
        !cursor_leb_u64(c, "a size", &r->head.module_size) ||
        !cursor_split(c, sizeof r->head.module_hash, "a hash", &hash) || !cursor_u8(c, "flags", &flags) || flags > 7 ||
        !cursor_leb_u32(c, "a depth", &r->head.context_depth) ||
        (c->at != c->end && !cursor_leb_u64(c, "a limit", &r->head.max_memory)))
        return false;
    memcpy(&r->head.module_hash, hash.at, sizeof r->head.module_hash);
    make_plain(r->why_trace);
    r->head.path = r->path;
    r->head.why_trace = r->why_trace;
    r->head.values = flags & 1;
    r->head.contexts = flags >> 1 & 1;
    r->head.objects = flags >> 2;
    return true;
}

/* Where it is not one of the module, nothing of it is taken. */
static bool get_trap(const struct trace_reader *r, struct cursor *c, struct trap_place *at)
{
    uint32_t depth;
    uint8_t has_address;
    if (!cursor_leb_u32(c, "a depth", &depth) || depth > TRAP_CALLS_MAX)
        return false;
    for (; at->depth < depth; at->depth++) {
        struct trap_call *call = &at->calls[at->depth];
        if (!cursor_leb_u32(c, "a function", &call->func) || !cursor_leb_u32(c, "an offset", &call->file_off) ||
            !trace_check_call(r, call))
            return false;
    }
    bool ok = cursor_u8(c, "a flag", &has_address) && cursor_leb_u64(c, "an address", &at->address) &&
              cursor_leb_u64(c, "a size", &at->memory_size);
    at->has_address = ok && has_address;
    return ok;
}

static bool read_ending(struct trace_reader *r)
{
    struct error ignored = ERROR_INIT;
    struct cursor c = cursor_over(r->plain.data, r->plain.size, &ignored);
    uint8_t exited;
    r->ended = cursor_u8(&c, "an end", &exited) && cursor_leb_u32(&c, "a code", &r->ending.exit_code) &&
               get_text(&c, r->trap, sizeof r->trap) && cursor_leb_u64(&c, "a number", &r->ending.records) &&
               (c.at == c.end || cursor_leb_u32(&c, "a number", &r->ending.grows_refused)) &&
               (c.at == c.end || get_trap(r, &c, &r->ending.trap_at));
    r->ending.has_exit_code = r->ended && exited;
    make_plain(r->trap);
    r->ending.trap = r->trap;
    return r->ended;
}

/* What is in front of the records: a frame of each type. */
static bool read_front(struct trace_reader *r)
{
    uint8_t magic[TRACE_MAGIC_SIZE + 4];
    size_t got = take(r, magic, sizeof magic);
    if (!trace_is_file(magic, got))
        return error_set(r->err, ERROR_INPUT, "this is no trace");
    if (got < sizeof magic)
        return error_set(r->err, ERROR_INPUT, "the trace is cut off at byte %zu", got);
    if (get_u32(magic + TRACE_MAGIC_SIZE) != TRACE_VERSION)
        return error_set(r->err, ERROR_UNSUPPORTED, "the trace has version %u, which this program does not know",
                         get_u32(magic + TRACE_MAGIC_SIZE));
    for (enum frame_type type = FRAME_HEAD; type <= FRAME_SITES; type++) {
        struct frame f;
        uint64_t start = r->offset;
        if (!read_frame(r, &f))
            return false;
        if (r->done)
            return error_set(r->err, ERROR_INPUT, "%s", r->cut);
        struct error inner = ERROR_INIT;
        struct cursor c = cursor_over(r->plain.data, r->plain.size, &inner);
        bool ok = f.type == type && (type == FRAME_HEAD ? read_head(r, &c) : trace_sites_get(&c, &r->own));
        if (inner.code == ERROR_MEMORY)
            return error_no_memory(r->err);
        if (!ok)
            return error_set(r->err, ERROR_INPUT, "the trace is damaged in the frame at byte %" PRIu64, start);
    }
    r->sites = &r->own;
    r->guesses = guesses_new(r->sites);
    return (r->guesses && trace_check_init(r)) || error_no_memory(r->err);
}

bool trace_is_file(const uint8_t *bytes, size_t size)
{
    return size >= TRACE_MAGIC_SIZE && memcmp(bytes, TRACE_MAGIC, TRACE_MAGIC_SIZE) == 0;
}

static struct trace_reader *reader_new(struct byte_source source, struct error *err)
{
    struct trace_reader *r = calloc(1, sizeof *r);
    if (!r) {
        error_no_memory(err);
        return NULL;
    }
    *r = (struct trace_reader){.source = source, .err = err};
    buf_init(&r->packed, 2 * (size_t)FRAME_MAX);
    buf_init(&r->plain, 2 * (size_t)FRAME_MAX);
    buf_init(&r->batch, 2 * BATCH);
    return r;
}

struct trace_reader *trace_reader_new(struct byte_source source, struct error *err)
{
    struct trace_reader *r = reader_new(source, err);
    if (r && !read_front(r)) {
        trace_reader_free(r);
        return NULL;
    }
    return r;
}

struct trace_reader *trace_image_new(struct byte_source source, const struct site_table *table, struct error *err)
{
    struct trace_reader *r = reader_new(source, err);
    if (!r)
        return NULL;
    r->image = true;
    r->sites = table;
    r->head = (struct trace_head){.path = "", .why_trace = "", .values = true};
    if (trace_check_init(r))
        return r;
    trace_reader_free(r);
    return NULL;
}

void trace_reader_free(struct trace_reader *r)
{
    if (!r)
        return;
    buf_release(&r->packed);
    buf_release(&r->plain);
    buf_release(&r->batch);
    guesses_free(r->guesses);
    free(r->own.sites);
    free(r->path);
    free(r->limits);
    free(r->contexts);
    free(r);
}

const struct trace_head *trace_reader_head(const struct trace_reader *r)
{
    return &r->head;
}

const struct site_table *trace_reader_sites(const struct trace_reader *r)
{
    return r->sites;
}

uint64_t trace_reader_lost(const struct trace_reader *r)
{
    return r->lost;
}

const char *trace_reader_cut(const struct trace_reader *r)
{
    return *r->cut ? r->cut : NULL;
}

const struct trace_ending *trace_reader_ending(const struct trace_reader *r)
{
    return r->ended ? &r->ending : NULL;
}

static bool open_columns(struct trace_reader *r, const struct frame *f)
{
    struct error ignored = ERROR_INIT;
    struct cursor c = cursor_over(r->plain.data, r->plain.size, &ignored);
    uint32_t sizes[COLUMN_COUNT];
    for (unsigned i = 0; i < COLUMN_COUNT; i++)
        if (!cursor_leb_u32(&c, "a size", &sizes[i]))
            return false;
    for (unsigned i = 0; i < COLUMN_COUNT; i++) {
        struct cursor column;
        if (!cursor_split(&c, sizes[i], "a column", &column))
            return false;
        r->columns.at[i] = column.at;
        r->columns.end[i] = column.end;
    }
    r->left = f->records;
    guesses_reset(r->guesses);
    return f->records > 0 && f->records <= COLUMNS_RECORDS;
}

/* On to the next frame with records.  False when memory is short. */
static bool next_block(struct trace_reader *r)
{
    struct frame f = {0};
    uint64_t start = r->offset;
    if (!read_frame(r, &f) || r->done)
        return r->done;
    bool ok = f.type == FRAME_RECORDS ? open_columns(r, &f) : f.type == FRAME_END && read_ending(r);
    if (!ok)
        trace_cut(r, "the trace is damaged in the frame at byte %" PRIu64, start);
    r->done = r->done || f.type == FRAME_END;
    return true;
}

/* Fills the batch from the columns as far as it goes. */
static bool fill_batch(struct trace_reader *r)
{
    while (r->left && r->batch.size <= BATCH) {
        uint8_t record[RECORD_UNIT * RECORD_MAX_UNITS];
        size_t size;
        bool fits = columns_get(&r->columns, r->guesses, record, &size);
        if (fits && !trace_check_record(r, record, &fits))
            return false;
        if (!fits) {
            trace_cut(r, "the trace holds a record that cannot be, in the frame before byte %" PRIu64, r->offset);
            r->left = 0;
            return true;
        }
        if (!buf_put(&r->batch, record, size))
            return error_no_memory(r->err);
        r->left--;
    }
    return true;
}

bool trace_reader_next(struct trace_reader *r, const uint8_t **records, size_t *size)
{
    if (r->image) {
        if (!trace_image_next(r))
            return false;
    } else {
        buf_clear(&r->batch);
        while (!r->batch.size) {
            if (!r->left && (r->done || !next_block(r)))
                return false;
            if (!fill_batch(r))
                return false;
        }
    }
    *records = r->batch.data;
    *size = r->batch.size;
    return *size > 0;
}
