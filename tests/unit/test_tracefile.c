/* Trace files: what was written comes back, cut off or damaged ones as far as they go, and hostile ones do no harm. */
#include "../byte_source.h"
#include "gen.h"
#include "trace/columns.h"
#include "tracefile/format.h"
#include "wasm/opcode.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>
#include <zlib.h>
#include <zstd.h>

enum { RECORDS = 3000, FILE_SIZE_MAX = 1 << 28 };

/* Sites of generated tables have no opcodes, but files need them. */
static void give_opcodes(struct site_table *t)
{
    for (size_t i = 0; i < t->count; i++) {
        struct site *s = &t->sites[i];
        static const uint8_t accesses[] = {
            [ACCESS_LOAD] = WASM_ACCESS_LOAD, [ACCESS_STORE] = WASM_ACCESS_STORE,     [ACCESS_RMW] = WASM_ACCESS_RMW,
            [ACCESS_WAIT] = WASM_ACCESS_WAIT, [ACCESS_CMPXCHG] = WASM_ACCESS_CMPXCHG, [ACCESS_FILL] = WASM_ACCESS_FILL,
            [ACCESS_COPY] = WASM_ACCESS_COPY, [ACCESS_INIT] = WASM_ACCESS_INIT};
        s->opcode = WASM_OP_CALL;
        for (unsigned op = 0; s->kind != ACCESS_CALL; op++) {
            assert_true(op < WASM_OPCODE_COUNT);
            const struct wasm_opcode_info *info = wasm_opcode_info((enum wasm_opcode)op);
            s->opcode = (uint16_t)op;
            if (info->access == accesses[s->kind] && info->width == s->width && info->value == s->value)
                break;
        }
    }
}

/* A context of each call site, entered at once, now and then. */
static void put_context(struct buf *records, uint32_t node, bool first)
{
    uint32_t words[4] = {record_head(first ? SITE_CONTEXT_NEW : SITE_CONTEXT, first ? 2 : 1, 0),
                         first ? node - 1 : node, SITE_FIRST, 0};
    assert_true(buf_put(records, words, first ? 16 : 8));
}

static void put_objects(struct buf *records, uint64_t at)
{
    uint32_t stack[4] = {record_head(SITE_OBJECT, 2, 0), 0, (uint32_t)at, (uint32_t)(at >> 32)};
    uint64_t allocation[4] = {record_head(SITE_OBJECT, 4, 0) | (uint64_t)SITE_FIRST << 32, at, at / 3, at / 2};
    assert_true(buf_put(records, stack, sizeof stack) && buf_put(records, allocation, sizeof allocation));
}

static void make_records(struct gen *g, struct buf *records, size_t count)
{
    uint32_t node = 2;
    buf_init(records, FILE_SIZE_MAX);
    for (size_t i = 0; i < count; i += 100) {
        gen_records(g, records, count - i < 100 ? count - i : 100);
        put_objects(records, gen_below(g, UINT64_C(1) << 40));
        put_context(records, node, true);
        put_context(records, node++, false);
    }
}

/* The whole file. */
static void write_file(const struct gen *g, const struct buf *records, bool finish, struct buf *file)
{
    char *text;
    size_t size;
    FILE *stream = open_memstream(&text, &size);
    struct error err = ERROR_INIT;
    const struct trace_head head = {
        .path = "a.wasm", .why_trace = "", .values = true, .contexts = true, .objects = true, .max_memory = 5 << 20};
    struct trace_writer *w = trace_writer_new(stream, "t", &head, &g->table, &err);
    assert_non_null(w);
    struct record_sink sink = trace_writer_sink(w);
    assert_true(sink.put(sink.self, records->data, records->size));
    const struct trace_ending ending = {.has_exit_code = true, .exit_code = 3, .trap = "", .grows_refused = 300};
    assert_true(!finish || trace_writer_finish(w, &ending));
    trace_writer_free(w);
    fclose(stream);
    buf_init(file, FILE_SIZE_MAX);
    assert_true(buf_put(file, text, size));
    free(text);
}

static void same_access(const struct site_table *t, const uint8_t *p, const uint8_t *q)
{
    struct access a, b;
    assert_int_equal(record_u32(p), record_u32(q));
    record_read(t, p, &a);
    record_read(t, q, &b);
    if (a.kind < ACCESS_FILL && site_get(t, a.site)->value != VALUE_I64)
        for (unsigned i = 0; i < a.values; i++)
            if (site_get(t, a.site)->value == VALUE_I32)
                a.value[i].u64 = a.value[i].u32, b.value[i].u64 = b.value[i].u32;
    if (a.kind == ACCESS_WAIT)
        a.value[1].u64 = a.value[1].u32, b.value[1].u64 = b.value[1].u32;
    assert_memory_equal(&a, &b, sizeof a);
    if (access_is_note(a.kind))
        assert_memory_equal(p, q, record_size(record_u32(p)));
}

/* Reads as far as it goes, and holds it against what was written; returns how many bytes of records that was. */
static size_t read_back(const uint8_t *file, size_t size, const struct buf *records, bool *whole)
{
    struct error err = ERROR_INIT;
    struct bytes b = {file, size};
    *whole = false;
    struct trace_reader *r = trace_reader_new((struct byte_source){read_bytes, &b}, &err);
    if (!r) {
        assert_int_not_equal(err.code, ERROR_NONE);
        return 0;
    }
    size_t at = 0, n;
    const uint8_t *got;
    while (trace_reader_next(r, &got, &n))
        for (size_t i = 0; i < n; i += record_size(record_u32(got + i))) {
            assert_true(record_valid(trace_reader_sites(r), got + i, got + n));
            if (records)
                same_access(trace_reader_sites(r), records->data + at, got + i);
            at += record_size(record_u32(got + i));
            assert_true(!records || at <= records->size);
        }
    assert_int_equal(err.code, ERROR_NONE);
    *whole = trace_reader_ending(r) != NULL;
    assert_true(*whole == (trace_reader_cut(r) == NULL));
    if (*whole && records) {
        assert_int_equal(trace_reader_ending(r)->exit_code, 3);
        assert_int_equal(trace_reader_ending(r)->grows_refused, 300);
        assert_int_equal(trace_reader_head(r)->max_memory, 5 << 20);
    }
    trace_reader_free(r);
    return at;
}

static void test_round_trip(void **state)
{
    (void)state;
    for (unsigned seed = 1; seed < 12; seed++) {
        struct gen g;
        struct buf records, file;
        gen_init(&g, seed);
        give_opcodes(&g.table);
        make_records(&g, &records, seed == 11 ? 2 * COLUMNS_RECORDS + 1000 : RECORDS);
        write_file(&g, &records, true, &file);
        bool whole;
        assert_int_equal(read_back(file.data, file.size, &records, &whole), records.size);
        assert_true(whole);
        buf_release(&records);
        buf_release(&file);
        gen_release(&g);
    }
}

/* A file as `seed` makes it. */
static void make_file(unsigned seed, size_t count, struct gen *g, struct buf *records, struct buf *file)
{
    gen_init(g, seed);
    give_opcodes(&g->table);
    make_records(g, records, count);
    write_file(g, records, true, file);
}

static void test_cut_off(void **state)
{
    (void)state;
    struct gen g;
    struct buf records, file;
    make_file(5, COLUMNS_RECORDS + 5000, &g, &records, &file);
    size_t most = 0;
    for (size_t size = 0; size < file.size; size += size < 300 ? 1 : (file.size - size) / 3 + 1) {
        bool whole;
        size_t got = read_back(file.data, size, &records, &whole);
        assert_false(whole);
        assert_true(got >= most);
        most = got;
    }
    assert_true(most > 0 && most <= records.size);
    buf_release(&records);
    buf_release(&file);
    gen_release(&g);
}

static void test_damaged(void **state)
{
    (void)state;
    struct gen g;
    struct buf records, file;
    make_file(6, 400, &g, &records, &file);
    for (size_t at = 0; at < file.size; at++) {
        bool whole;
        file.data[at] ^= (uint8_t)(1 << at % 8);
        read_back(file.data, file.size, &records, &whole);
        assert_false(whole); /* the checksums cover every byte but the file's first ones, which have one meaning */
        file.data[at] ^= (uint8_t)(1 << at % 8);
    }
    buf_release(&records);
    buf_release(&file);
    gen_release(&g);
}

static void put_u32(uint8_t *to, uint32_t value)
{
    memcpy(to, &value, sizeof value);
}

/* A frame with a header like this one, with that content, and a checksum that fits. */
static void put_frame(struct buf *out, const uint8_t header[FRAME_HEADER], const uint8_t *content, uint32_t plain)
{
    uint8_t fresh[FRAME_HEADER], *packed = malloc(ZSTD_compressBound(plain));
    assert_non_null(packed);
    memcpy(fresh, header, sizeof fresh);
    size_t size = ZSTD_compress(packed, ZSTD_compressBound(plain), content, plain, 1);
    put_u32(fresh + 4, (uint32_t)size);
    put_u32(fresh + 8, plain);
    put_u32(fresh + 16, (uint32_t)crc32(crc32(0, fresh, 16), packed, (uInt)size));
    assert_true(buf_put(out, fresh, sizeof fresh) && buf_put(out, packed, size));
    free(packed);
}

/* Changes what is in a frame; all frames are kept in their order. */
static void forge(struct gen *g, const struct buf *file, struct buf *forged)
{
    buf_clear(forged);
    assert_true(buf_put(forged, file->data, TRACE_MAGIC_SIZE + 4));
    for (size_t at = TRACE_MAGIC_SIZE + 4; at < file->size;) {
        uint8_t header[FRAME_HEADER];
        memcpy(header, file->data + at, sizeof header);
        uint32_t stored = record_u32(header + 4), plain = record_u32(header + 8);
        uint8_t *content = malloc(plain + 1);
        assert_non_null(content);
        assert_int_equal(ZSTD_decompress(content, plain, file->data + at + FRAME_HEADER, stored), plain);
        for (uint64_t n = gen_below(g, 4); n && plain; n--)
            content[gen_below(g, plain)] = (uint8_t)(gen_below(g, 2) ? gen_below(g, 256) : gen_below(g, 8));
        if (gen_below(g, 8) == 0)
            plain = (uint32_t)gen_below(g, (uint64_t)plain + 1);
        if (gen_below(g, 10) == 0)
            put_u32(header + 12, (uint32_t)gen_below(g, 2000));
        put_frame(forged, header, content, plain);
        free(content);
        at += FRAME_HEADER + stored;
    }
}

static void test_hostile(void **state)
{
    (void)state;
    struct gen g;
    struct buf records, file, forged;
    make_file(7, 300, &g, &records, &file);
    buf_init(&forged, FILE_SIZE_MAX);
    unsigned with_records = 0;
    for (unsigned i = 0; i < 3000; i++) {
        bool whole;
        forge(&g, &file, &forged);
        with_records += read_back(forged.data, forged.size, NULL, &whole) > 0;
    }
    assert_true(with_records > 300); /* else the test looks at nothing */
    buf_release(&forged);
    buf_release(&records);
    buf_release(&file);
    gen_release(&g);
}

/* An end that counts more than 32 bits hold is none. */
static void test_too_many_refused(void **state)
{
    (void)state;
    struct gen g;
    struct buf records, file, forged;
    make_file(8, 10, &g, &records, &file);
    size_t last = 0, at = TRACE_MAGIC_SIZE + 4;
    for (; at < file.size; at += FRAME_HEADER + record_u32(file.data + at + 4))
        last = at;
    uint8_t content[64];
    const uint8_t number[2] = {(300 & 0x7f) | 0x80, 300 >> 7}, most[] = {0xff, 0xff, 0xff, 0xff, 0x0f},
                  more[] = {0x80, 0x80, 0x80, 0x80, 0x10};
    size_t plain =
        ZSTD_decompress(content, sizeof content, file.data + last + FRAME_HEADER, file.size - last - FRAME_HEADER);
    assert_true(plain > sizeof number && plain + sizeof more < sizeof content);
    plain -= sizeof number;
    assert_memory_equal(content + plain, number, sizeof number);
    buf_init(&forged, FILE_SIZE_MAX);
    for (int i = 0; i < 2; i++) {
        bool whole;
        buf_clear(&forged);
        assert_true(buf_put(&forged, file.data, last));
        memcpy(content + plain, i ? more : most, sizeof more);
        put_frame(&forged, file.data + last, content, (uint32_t)(plain + sizeof more));
        read_back(forged.data, forged.size, NULL, &whole);
        assert_int_equal(whole, i == 0);
    }
    buf_release(&forged);
    buf_release(&records);
    buf_release(&file);
    gen_release(&g);
}

/* A trace memory: the scratch page, records, then nothing. */
static void test_image(void **state)
{
    (void)state;
    struct gen g;
    struct buf records, image;
    gen_init(&g, 8);
    buf_init(&records, FILE_SIZE_MAX);
    gen_records(&g, &records, RECORDS);
    buf_init(&image, FILE_SIZE_MAX);
    assert_true(buf_reserve(&image, 1 << 20));
    memset(image.data, 7, 65536);
    memset(image.data + 65536, 0, (1 << 20) - 65536);
    memcpy(image.data + 65536, records.data, records.size);
    size_t last = 0; /* where the last record starts */
    for (size_t at = 0; at < records.size; at += record_size(record_u32(records.data + at)))
        last = at;
    const struct {
        size_t size, records;
        bool cut;
    } cases[] = {{65536 + records.size, records.size, false},
                 {1 << 20, records.size, false},
                 {65536 + last + 4, last, true},
                 {65536, 0, false},
                 {1000, 0, true},
                 {0, 0, true}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct error err = ERROR_INIT;
        struct bytes b = {image.data, cases[i].size};
        struct trace_reader *r = trace_image_new((struct byte_source){read_bytes, &b}, &g.table, &err);
        assert_non_null(r);
        size_t got = 0, n;
        const uint8_t *p;
        while (trace_reader_next(r, &p, &n)) {
            assert_memory_equal(p, records.data + got, n);
            got += n;
        }
        assert_int_equal(got, cases[i].records);
        assert_true((trace_reader_cut(r) != NULL) == cases[i].cut);
        trace_reader_free(r);
    }
    buf_release(&image);
    buf_release(&records);
    gen_release(&g);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_round_trip),       cmocka_unit_test(test_cut_off),
                                       cmocka_unit_test(test_damaged),          cmocka_unit_test(test_hostile),
                                       cmocka_unit_test(test_too_many_refused), cmocka_unit_test(test_image)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
