/* Trace files of any bytes: read, checked and analysed, or refused.  The first byte says what the rest is: a file; the content of
 * a frame of records, behind what stands before it in a file of a small module; or the image of a trace memory.
 * Good seeds are files that --trace-out wrote, behind a 0, and their records' frames, unpacked, behind a 1. */
#include "../byte_source.h"
#include "analyze/contexts.h"
#include "analyze/index.h"
#include "analyze/location.h"
#include "rewrite/rewrite.h"
#include "tracefile/format.h"

#include <stdlib.h>
#include <zlib.h>
#include <zstd.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

/* (module (memory 1 1) (func (export "_start") (i32.store (i32.const 0) (i32.const 7)) (drop (i64.load (i32.const 0)))
 *   (memory.fill (i32.const 1) (i32.const 0) (i32.const 5)) (memory.copy (i32.const 1) (i32.const 9) (i32.const 5)))) */
static const uint8_t module_bytes[] = {
    0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00, 0x01, 0x04, 0x01, 0x60, 0x00, 0x00, 0x03, 0x02, 0x01, 0x00, 0x05,
    0x04, 0x01, 0x01, 0x01, 0x01, 0x07, 0x0a, 0x01, 0x06, 0x5f, 0x73, 0x74, 0x61, 0x72, 0x74, 0x00, 0x00, 0x0a, 0x24,
    0x01, 0x22, 0x00, 0x41, 0x00, 0x41, 0x07, 0x36, 0x02, 0x00, 0x41, 0x00, 0x29, 0x03, 0x00, 0x1a, 0x41, 0x01, 0x41,
    0x00, 0x41, 0x05, 0xfc, 0x0b, 0x00, 0x41, 0x01, 0x41, 0x09, 0x41, 0x05, 0xfc, 0x0a, 0x00, 0x00, 0x0b};

static bool drop(void *self, const struct index_pair *pair)
{
    return self == NULL && pair->bytes > 0;
}

static void analyse(struct trace_reader *r, const struct wasm_module *m)
{
    struct error err = ERROR_INIT;
    struct counters counters;
    if (!trace_reader_check(r, m, &err))
        return;
    const struct site_table *sites = trace_reader_sites(r);
    const struct trace_head *head = trace_reader_head(r);
    bool apart = head->contexts || head->objects;
    const struct alloc_shape *allocs[1] = {NULL};
    const struct object_layout layout = {.stack_global = 0, .stack_top = 0x8000, .heap_base = 0x8000, .allocs = allocs};
    struct context_analysis *contexts =
        apart ? context_analysis_new(sites, head->contexts, head->objects ? &layout : NULL, &err) : NULL;
    struct location_analysis *location = apart ? NULL : location_analysis_new(sites, &err);
    struct index_analysis *index = index_analysis_new(sites, (struct index_sink){drop, NULL}, &err);
    const uint8_t *records;
    size_t size;
    bool ready = index && (contexts || location); /* there was memory */
    if (ready)
        ready = contexts ? context_analysis_want_distances(contexts, &err)
                         : location_analysis_want_distances(location, &err);
    while (ready && trace_reader_next(r, &records, &size)) {
        for (size_t i = 0; i < size; i += record_size(record_u32(records + i)))
            if (!record_valid(sites, records + i, records + size))
                abort();
        if (!(contexts ? context_analysis_put(contexts, records, size)
                       : location_analysis_put(location, records, size)) ||
            !index_analysis_put(index, records, size))
            break;
    }
    if (!ready && err.code != ERROR_MEMORY)
        abort();
    if (ready && (contexts ? context_analysis_counters(contexts, &counters, &err)
                           : location_analysis_counters(location, &counters, &err)))
        counters_release(&counters);
    context_analysis_free(contexts);
    if (location)
        location_analysis_free(location);
    if (index)
        index_analysis_free(index);
}

static void put_u32(uint8_t *to, size_t value)
{
    for (unsigned i = 0; i < 4; i++)
        to[i] = (uint8_t)(value >> 8 * i);
}

/* A frame as a file has it; the first two bytes say how many records it claims. */
static void put_frame(FILE *file, const uint8_t *content, size_t size)
{
    uint8_t header[FRAME_HEADER], *packed = malloc(ZSTD_compressBound(size));
    size_t n = packed && size >= 2 ? ZSTD_compress(packed, ZSTD_compressBound(size), content + 2, size - 2, 1) : 0;
    if (n && !ZSTD_isError(n)) {
        put_u32(header, FRAME_RECORDS);
        put_u32(header + 4, n);
        put_u32(header + 8, size - 2);
        put_u32(header + 12, content[0] | (unsigned)content[1] << 8);
        put_u32(header + 16, (uint32_t)crc32(crc32(0, header, 16), packed, (uInt)n));
        fwrite(header, sizeof header, 1, file);
        fwrite(packed, n, 1, file);
    }
    free(packed);
}

static void read_framed(const struct wasm_module *m, const struct site_table *sites, const uint8_t *bytes, size_t size,
                        bool apart)
{
    struct error err = ERROR_INIT;
    char *text;
    size_t length;
    FILE *file = open_memstream(&text, &length);
    const struct trace_head head = {.path = "", .why_trace = "", .contexts = apart, .objects = apart};
    struct trace_writer *w = file ? trace_writer_new(file, "", &head, sites, &err) : NULL;
    if (w) {
        put_frame(file, bytes, size);
        fflush(file);
        struct bytes b = {(const uint8_t *)text, length};
        struct trace_reader *r = trace_reader_new((struct byte_source){read_bytes, &b}, &err);
        if (!r && err.code != ERROR_MEMORY)
            abort(); /* its front is ours */
        if (r)
            analyse(r, m);
        trace_reader_free(r);
    }
    trace_writer_free(w);
    if (file)
        fclose(file);
    free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    if (!size)
        return 0;
    struct error err = ERROR_INIT;
    struct wasm_module m;
    struct buf out;
    struct site_table sites = {0};
    const struct rewrite_options options = {.values = true};
    buf_init(&out, 1 << 20);
    if (!wasm_module_read(&m, module_bytes, sizeof module_bytes, &err) ||
        !rewrite_module(&m, &options, &out, &sites, &err)) {
        if (err.code != ERROR_MEMORY)
            abort();
        site_table_release(&sites);
        buf_release(&out);
        wasm_module_release(&m);
        return 0;
    }
    struct bytes b = {bytes + 1, size - 1};
    struct byte_source source = {read_bytes, &b};
    struct trace_reader *r = NULL;
    if (*bytes % 4 == 0)
        r = trace_reader_new(source, &err);
    else if (*bytes % 4 == 3)
        r = trace_image_new(source, &sites, &err);
    else
        read_framed(&m, &sites, bytes + 1, size - 1, *bytes % 4 == 2);
    if (r)
        analyse(r, &m);
    trace_reader_free(r);
    site_table_release(&sites);
    buf_release(&out);
    wasm_module_release(&m);
    return 0;
}
