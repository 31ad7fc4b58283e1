/* The trace's lines, one of every form, and the spool of records. */
#include "render/render.h"
#include "render_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

enum { PLAIN, FAR, SINGLE, DOUBLE, VECTOR, RMW, CMPXCHG, WAIT, FILL, COPY, INIT, CALL, FILL_2, COPY_2, LOAD_64, SITES };

#define MEM(kind_, width_, value_) .kind = ACCESS_##kind_, .width = width_, .value = VALUE_##value_

/* Each site's opcode is its own number, which the test's `code` knows. */
static struct site sites[SITES] = {
    [PLAIN] = {MEM(STORE, 4, I32), .file_off = 0x35},
    [FAR] = {MEM(STORE, 2, I64), .file_off = 0xABCDEF, .static_offset = UINT32_MAX, .memory = 3},
    [SINGLE] = {MEM(LOAD, 4, F32), .file_off = 1, .static_offset = 8},
    [DOUBLE] = {MEM(LOAD, 8, F64), .file_off = 2},
    [VECTOR] = {MEM(LOAD, 1, V128), .file_off = 3},
    [RMW] = {MEM(RMW, 1, I32), .file_off = 4},
    [CMPXCHG] = {MEM(CMPXCHG, 8, I64), .file_off = 5},
    [WAIT] = {MEM(WAIT, 8, I64), .file_off = 6},
    [FILL] = {MEM(FILL, 0, NONE), .file_off = 7},
    [COPY] = {MEM(COPY, 0, NONE), .file_off = 8},
    [INIT] = {MEM(INIT, 0, NONE), .file_off = 9, .segment = 5},
    [CALL] = {MEM(CALL, 0, NONE), .file_off = 0x10},
    [FILL_2] = {MEM(FILL, 0, NONE), .file_off = 7, .memory = 2},
    [COPY_2] = {MEM(COPY, 0, NONE), .file_off = 8, .memory_from = 1},
    [LOAD_64] = {MEM(LOAD, 8, I64), .file_off = 11, .address_64 = 1, .static_offset = UINT64_MAX},
};

static uint32_t code(uint16_t opcode)
{
    static const uint32_t codes[SITES] = {
        [PLAIN] = 0x36,    [FAR] = 0x3D,         [SINGLE] = 0x2A,     [DOUBLE] = 0x2B,     [VECTOR] = 0xFD0000,
        [RMW] = 0xFE001E,  [CMPXCHG] = 0xFE0048, [WAIT] = 0xFE0002,   [FILL] = 0xFC000B,   [COPY] = 0xFC000A,
        [INIT] = 0xFC0008, [CALL] = 0x10,        [FILL_2] = 0xFD0100, [COPY_2] = 0xFC000A, [LOAD_64] = 0x05,
    };
    return codes[opcode];
}

static struct site_table made_table(void)
{
    for (uint16_t i = 0; i < SITES; i++)
        sites[i].opcode = i;
    return (struct site_table){.sites = sites, .count = SITES, .memories = 4};
}

/* Puts one record: the head's site, its flag, the second word, then units of 8 bytes. */
static void put(struct record_sink sink, site_id site, unsigned flag, uint32_t word, size_t units, const uint64_t *more)
{
    uint8_t bytes[64];
    uint32_t head = record_head(site, (unsigned)units + 1, flag);
    memcpy(bytes, &head, 4);
    memcpy(bytes + 4, &word, 4);
    if (units)
        memcpy(bytes + 8, more, 8 * units);
    assert_true(sink.put(sink.self, bytes, 8 + 8 * units));
}

#define PUT(site, flag, word, ...)                                                                                     \
    put(sink, site, flag, word, sizeof((uint64_t[]){__VA_ARGS__}) / 8, (const uint64_t[]){__VA_ARGS__})

static void put_one_of_each(struct record_sink sink)
{
    PUT(SITE_FIRST + PLAIN, 1, 16, 7);
    PUT(SITE_FIRST + PLAIN, 0, UINT32_MAX, 0xDEADBEEFFFFFFFFF); /* the upper half is undefined */
    put(sink, SITE_FIRST + PLAIN, 0, 16, 0, NULL);              /* values not recorded */
    PUT(SITE_FIRST + FAR, 0, 0, (uint64_t)1 << 63);
    PUT(SITE_FIRST + SINGLE, 0, 4, 0x3FC00000);
    PUT(SITE_FIRST + SINGLE, 0, 4, 0xFFC00000);
    PUT(SITE_FIRST + DOUBLE, 0, 4, 0x3FF0000000000000);
    PUT(SITE_FIRST + DOUBLE, 0, 4, 0x7FF0000000000000);
    PUT(SITE_FIRST + VECTOR, 0, 4, 0x0706050403020100, 0x0F0E0D0C0B0A09F8);
    PUT(SITE_FIRST + RMW, 0, 4, 0xFFFFFFFF, 255);
    PUT(SITE_FIRST + CMPXCHG, 1, 8, 1, 2, 1);
    PUT(SITE_FIRST + CMPXCHG, 0, 8, 1, 2, 3);
    PUT(SITE_FIRST + WAIT, 0, 8, 1, 0xFFFFFFFF00000002);
    PUT(SITE_FIRST + FILL, 0, 0xFFFFFFFE, 100, 64);
    PUT(SITE_FIRST + COPY, 0, 0, 200, 100, 4);
    PUT(SITE_FIRST + INIT, 0, 12, 300, 8);
    PUT(SITE_HOST_READ, 0, SITE_FIRST + CALL, 65536, 8);
    PUT(SITE_OPAQUE_ENTER, 0, SITE_FIRST + CALL, 3);
    PUT(SITE_HOST_WRITE, 0, SITE_NONE, 65544, 4);
    PUT(SITE_OPAQUE_LEAVE, 0, SITE_FIRST + CALL, 3);
    PUT(SITE_FIRST + FILL_2, 0, 1, 100, (uint64_t)1 << 40);
    PUT(SITE_FIRST + COPY_2, 0, 0, 200, 100, 0);
    PUT(SITE_FIRST + LOAD_64, 0, 0, UINT64_MAX, UINT64_MAX);
}

static const char want[] =
    "[0] StoreRecord { code: 0x36, loc: 0x35, addr: 16, value: I32(7), offset: 0 }\n"
    "[1] StoreRecord { code: 0x36, loc: 0x35, addr: 4294967295, value: I32(-1), offset: 0 }\n"
    "[2] StoreRecord { code: 0x36, loc: 0x35, addr: 16, offset: 0 }\n"
    "[3] StoreRecord { code: 0x3D, loc: 0xABCDEF, addr: 0, value: I64(-9223372036854775808), offset: 4294967295,"
    " memory: 3 }\n"
    "[4] LoadRecord { code: 0x2A, loc: 0x1, addr: 4, value: F32(1.5), offset: 8 }\n"
    "[5] LoadRecord { code: 0x2A, loc: 0x1, addr: 4, value: F32(-nan:0x400000), offset: 8 }\n"
    "[6] LoadRecord { code: 0x2B, loc: 0x2, addr: 4, value: F64(1.0), offset: 0 }\n"
    "[7] LoadRecord { code: 0x2B, loc: 0x2, addr: 4, value: F64(inf), offset: 0 }\n"
    "[8] LoadRecord { code: 0xFD00, loc: 0x3, addr: 4, value: V128(0001020304050607f8090a0b0c0d0e0f), offset: 0 }\n"
    "[9] RmwRecord { code: 0xFE1E, loc: 0x4, addr: 4, value: I32(-1), loaded: I32(255), offset: 0 }\n"
    "[10] CmpxchgRecord { code: 0xFE48, loc: 0x5, addr: 8, expected: I64(1), replacement: I64(2), loaded: I64(1),"
    " wrote: true, offset: 0 }\n"
    "[11] CmpxchgRecord { code: 0xFE48, loc: 0x5, addr: 8, expected: I64(1), replacement: I64(2), loaded: I64(3),"
    " wrote: false, offset: 0 }\n"
    "[12] WaitRecord { code: 0xFE02, loc: 0x6, addr: 8, expected: I64(1), result: I32(2), offset: 0 }\n"
    "[13] FillRecord { code: 0xFC0B, loc: 0x7, addr: 100, value: I32(-2), length: 64 }\n"
    "[14] CopyRecord { code: 0xFC0A, loc: 0x8, addr: 200, source: 100, length: 4 }\n"
    "[15] InitRecord { code: 0xFC08, loc: 0x9, addr: 300, segment: 5, source: 12, length: 8 }\n"
    "[16] HostReadRecord { loc: 0x10, addr: 65536, length: 8 }\n"
    "// opaque call of import 3 at 0x10\n"
    "[17] HostWriteRecord { loc: 0x0, addr: 65544, length: 4 }\n"
    "// opaque call of import 3 at 0x10 is over\n"
    "[18] FillRecord { code: 0xFD100, loc: 0x7, addr: 100, value: I32(1), length: 1099511627776, memory: 2 }\n"
    "[19] CopyRecord { code: 0xFC0A, loc: 0x8, addr: 200, source: 100, length: 0, memory: 0, from: 1 }\n"
    "[20] LoadRecord { code: 0x05, loc: 0xB, addr: 18446744073709551615, value: I64(-1),"
    " offset: 18446744073709551615 }\n";

static void test_every_form(void **state)
{
    (void)state;
    struct site_table table = made_table();
    struct error err = ERROR_INIT;
    struct record_spool records;
    assert_true(record_spool_open(&records, &err));
    put_one_of_each(record_spool_sink(&records));
    for (int twice = 0; twice < 2; twice++) {
        struct capture c;
        capture_open(&c);
        assert_true(render_trace(&c.out, &records, &table, code));
        assert_string_equal(capture_close(&c), want);
        capture_free(&c);
    }
    record_spool_close(&records);
}

static void test_host_memory(void **state)
{
    (void)state;
    struct site_table table = made_table();
    table.host_memory = 2;
    struct error err = ERROR_INIT;
    struct record_spool records;
    assert_true(record_spool_open(&records, &err));
    struct record_sink sink = record_spool_sink(&records);
    PUT(SITE_HOST_READ, 0, SITE_FIRST + CALL, 1, 2);
    struct capture c;
    capture_open(&c);
    assert_true(render_trace(&c.out, &records, &table, code));
    assert_string_equal(capture_close(&c), "[0] HostReadRecord { loc: 0x10, addr: 1, length: 2, memory: 2 }\n");
    capture_free(&c);
    record_spool_close(&records);
}

/* Records of all sizes over many chunks come back whole and in order. */
static void test_record_spool(void **state)
{
    (void)state;
    enum { COUNT = 200000 };
    struct error err = ERROR_INIT;
    struct record_spool records;
    assert_true(record_spool_open(&records, &err));
    struct record_sink sink = record_spool_sink(&records);
    srand(3);
    for (uint32_t i = 0; i < COUNT; i++)
        put(sink, SITE_FIRST + i % 1000, 0, i, (size_t)rand() % RECORD_MAX_UNITS,
            (const uint64_t[8]){i, i, i, i, i, i, i});
    assert_true(record_spool_rewind(&records));
    srand(3);
    uint32_t next = 0;
    const uint8_t *p;
    size_t size;
    while (record_spool_next(&records, &p, &size)) {
        for (const uint8_t *end = p + size; p < end; next++) {
            size_t units = (size_t)rand() % RECORD_MAX_UNITS;
            uint32_t head = record_u32(p);
            assert_int_equal(record_size(head), 8 + 8 * units);
            assert_true((size_t)(end - p) >= 8 + 8 * units);
            assert_int_equal(record_site(head), SITE_FIRST + next % 1000);
            assert_int_equal(record_u32(p + 4), next);
            assert_true(units == 0 || record_u64(p + 8 * units) == next);
            p += 8 + 8 * units;
        }
    }
    assert_int_equal(next, COUNT);
    assert_false(records.file.failed);
    assert_false(record_spool_next(&records, &p, &size));
    record_spool_close(&records);
}

static void test_cut_short(void **state)
{
    (void)state;
    struct site_table table = made_table();
    struct error err = ERROR_INIT;
    struct record_spool records;
    assert_true(record_spool_open(&records, &err));
    struct record_sink sink = record_spool_sink(&records);
    PUT(SITE_FIRST + PLAIN, 0, 16, 7);
    uint32_t head = record_head(SITE_FIRST + PLAIN, 2, 0);
    assert_true(spool_put(&records.file, &head, sizeof head));
    struct capture c;
    capture_open(&c);
    assert_false(render_trace(&c.out, &records, &table, code));
    assert_int_equal(err.code, ERROR_IO);
    assert_string_equal(capture_close(&c),
                        "[0] StoreRecord { code: 0x36, loc: 0x35, addr: 16, value: I32(7), offset: 0 }\n");
    capture_free(&c);
    record_spool_close(&records);
}

/* Nothing is printed any more once a write has failed: a long trace must not go on for minutes. */
static void test_full_disk(void **state)
{
    (void)state;
    struct site_table table = made_table();
    struct error err = ERROR_INIT;
    struct record_spool records;
    assert_true(record_spool_open(&records, &err));
    struct record_sink sink = record_spool_sink(&records);
    for (int i = 0; i < 100000; i++)
        PUT(SITE_FIRST + PLAIN, 0, 16, 7);
    FILE *full = fopen("/dev/full", "w");
    assert_non_null(full);
    struct output out;
    output_init(&out, full, "/dev/full");
    assert_true(render_trace(&out, &records, &table, code)); /* the spool is well */
    assert_true(records.used < 100000 * 16 && ftello(records.file.stream) < 100000 * 16);
    assert_false(output_finish(&out, &err));
    assert_string_equal(err.message, "cannot write '/dev/full': No space left on device");
    fclose(full);
    record_spool_close(&records);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_form), cmocka_unit_test(test_host_memory), cmocka_unit_test(test_record_spool),
        cmocka_unit_test(test_cut_short),  cmocka_unit_test(test_full_disk),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
