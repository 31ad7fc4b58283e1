#include "base/outfile.h"
#include "trace/columns.h"
#include "tracefile/format.h"
#include "wasm/encode.h"

#include <errno.h>
#include <stdlib.h>
#include <zlib.h>
#include <zstd.h>

enum { LEVEL = 3 }; /* higher ones take several times as long and save little: see docs/trace-file.md */

struct trace_writer {
    FILE *stream;
    const char *path;
    struct error *err;
    const struct site_table *table;
    struct guesses *guesses;
    struct columns columns;
    struct buf plain, packed; /* a frame before and after compression */
    ZSTD_CCtx *zstd;
    uint64_t records;
    bool failed;
};

static bool fail(struct trace_writer *w, bool no_memory)
{
    w->failed = true;
    return no_memory ? error_no_memory(w->err) : outfile_error(w->path, errno, w->err);
}

static void set_u32(uint8_t *to, uint64_t value)
{
    for (unsigned i = 0; i < 4; i++)
        to[i] = (uint8_t)(value >> 8 * i);
}

/* Writes `plain` as one frame, and empties it. */
static bool put_frame(struct trace_writer *w, enum frame_type type, size_t records)
{
    buf_clear(&w->packed);
    size_t room = ZSTD_compressBound(w->plain.size);
    if (w->plain.failed || !buf_reserve(&w->packed, FRAME_HEADER + room))
        return fail(w, true);
    uint8_t *header = w->packed.data;
    size_t stored = ZSTD_compressCCtx(w->zstd, header + FRAME_HEADER, room, w->plain.data, w->plain.size, LEVEL);
    if (ZSTD_isError(stored))
        return fail(w, true);
    set_u32(header, type);
    set_u32(header + 4, stored);
    set_u32(header + 8, w->plain.size);
    set_u32(header + 12, records);
    set_u32(header + 16, crc32(crc32(0, header, 16), header + FRAME_HEADER, (uInt)stored));
    buf_clear(&w->plain);
    errno = 0;
    if (fwrite(header, 1, FRAME_HEADER + stored, w->stream) != FRAME_HEADER + stored || fflush(w->stream) != 0)
        return fail(w, false);
    return true;
}

static void put_text(struct buf *b, const char *text)
{
    size_t size = strlen(text);
    wasm_put_u32(b, size);
    buf_put(b, text, size);
}

static bool put_front(struct trace_writer *w, const struct trace_head *head)
{
    uint8_t magic[TRACE_MAGIC_SIZE + 4];
    memcpy(magic, TRACE_MAGIC, TRACE_MAGIC_SIZE);
    set_u32(magic + TRACE_MAGIC_SIZE, TRACE_VERSION);
    errno = 0;
    if (fwrite(magic, 1, sizeof magic, w->stream) != sizeof magic)
        return fail(w, false);
    put_text(&w->plain, head->path);
    put_text(&w->plain, head->why_trace);
    wasm_put_u32(&w->plain, head->module_size);
    buf_put(&w->plain, &head->module_hash, sizeof head->module_hash);
    buf_put_u8(&w->plain, (uint8_t)(head->values | head->contexts << 1 | head->objects << 2));
    wasm_put_u32(&w->plain, head->context_depth);
    if (head->max_memory)
        wasm_put_u32(&w->plain, head->max_memory);
    if (!put_frame(w, FRAME_HEAD, 0))
        return false;
    trace_sites_put(&w->plain, w->table);
    return put_frame(w, FRAME_SITES, 0);
}

struct trace_writer *trace_writer_new(FILE *stream, const char *path, const struct trace_head *head,
                                      const struct site_table *table, struct error *err)
{
    struct trace_writer *w = calloc(1, sizeof *w);
    if (!w) {
        error_no_memory(err);
        return NULL;
    }
    *w = (struct trace_writer){.stream = stream, .path = path, .err = err, .table = table};
    columns_init(&w->columns);
    buf_init(&w->plain, FRAME_MAX);
    buf_init(&w->packed, 2 * (size_t)FRAME_MAX);
    w->guesses = guesses_new(table);
    w->zstd = ZSTD_createCCtx();
    if ((w->guesses && w->zstd) || fail(w, true))
        if (put_front(w, head))
            return w;
    trace_writer_free(w);
    return NULL;
}

/* The columns, each behind its size. */
static bool put_block(struct trace_writer *w)
{
    if (!w->columns.records)
        return true;
    for (unsigned i = 0; i < COLUMN_COUNT; i++)
        wasm_put_u32(&w->plain, w->columns.column[i].size);
    for (unsigned i = 0; i < COLUMN_COUNT; i++)
        buf_put(&w->plain, w->columns.column[i].data, w->columns.column[i].size);
    w->records += w->columns.records;
    bool ok = put_frame(w, FRAME_RECORDS, w->columns.records);
    columns_clear(&w->columns);
    guesses_reset(w->guesses);
    return ok;
}

static bool put(void *self, const uint8_t *records, size_t size)
{
    struct trace_writer *w = self;
    if (w->failed)
        return false;
    for (const uint8_t *p = records, *end = records + size; p < end; p += record_size(record_u32(p))) {
        if (!columns_put(&w->columns, w->guesses, p))
            return fail(w, true);
        if (columns_are_full(&w->columns) && !put_block(w))
            return false;
    }
    return true;
}

struct record_sink trace_writer_sink(struct trace_writer *w)
{
    return (struct record_sink){put, w};
}

static void put_trap(struct buf *b, const struct trap_place *at)
{
    wasm_put_u32(b, at->depth);
    for (size_t i = 0; i < at->depth; i++) {
        wasm_put_u32(b, at->calls[i].func);
        wasm_put_u32(b, at->calls[i].file_off);
    }
    buf_put_u8(b, at->has_address);
    wasm_put_u32(b, at->address);
    wasm_put_u32(b, at->memory_size);
}

bool trace_writer_finish(struct trace_writer *w, const struct trace_ending *ending)
{
    if (w->failed || !put_block(w))
        return false;
    buf_put_u8(&w->plain, ending->has_exit_code);
    wasm_put_u32(&w->plain, ending->exit_code);
    put_text(&w->plain, ending->trap);
    wasm_put_u32(&w->plain, w->records);
    bool has_place = ending->trap_at.depth || ending->trap_at.has_address;
    if (ending->grows_refused || has_place)
        wasm_put_u32(&w->plain, ending->grows_refused);
    if (has_place)
        put_trap(&w->plain, &ending->trap_at);
    return put_frame(w, FRAME_END, 0);
}

void trace_writer_free(struct trace_writer *w)
{
    if (!w)
        return;
    guesses_free(w->guesses);
    columns_release(&w->columns);
    buf_release(&w->plain);
    buf_release(&w->packed);
    ZSTD_freeCCtx(w->zstd);
    free(w);
}
