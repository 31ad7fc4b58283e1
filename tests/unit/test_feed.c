/* The public interface for other engines: what may be fed, what is refused, what is reported of it. */
#include "../byte_source.h"
#include "base/infile.h"
#include "trace/record.h"

#include <mem_tracer.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* Its first sites are stores of 4 bytes. */
static struct buf module;

static int load(void **state)
{
    (void)state;
    struct error err = ERROR_INIT;
    buf_init(&module, 1 << 24);
    return infile_read(MT_TESTS_DIR "/conformance/cases/s6_01_dead.wasm", &module, &err) ? 0 : -1;
}

static int unload(void **state)
{
    (void)state;
    buf_release(&module);
    return 0;
}

static struct mem_tracer_analysis *open_analysis(void)
{
    const struct mem_tracer_options options = {.name = "a.wasm"};
    struct mem_tracer_error error;
    struct mem_tracer_analysis *a = mem_tracer_analysis_new(module.data, module.size, &options, &error);
    assert_non_null(a);
    return a;
}

static bool feed(struct mem_tracer_analysis *a, site_id site, uint32_t address, struct mem_tracer_error *error)
{
    uint32_t record[2] = {record_head(site, 1, 0), address};
    return mem_tracer_analysis_feed(a, (const uint8_t *)record, sizeof record, error);
}

static void assert_reports(struct mem_tracer_analysis *a, const char *format, const char *expected)
{
    char *text;
    struct mem_tracer_error error;
    assert_true(mem_tracer_analysis_report(a, format, &text, &error));
    assert_non_null(strstr(text, expected));
    free(text);
}

static void test_reports(void **state)
{
    (void)state;
    struct mem_tracer_error error;
    struct mem_tracer_analysis *a = open_analysis();
    assert_true(feed(a, SITE_FIRST, 100, &error));
    assert_reports(a, "json", "\"stores\": 1,");
    assert_true(feed(a, SITE_FIRST + 1, 100, &error));
    assert_reports(a, "json", "\"dead_store\": {\"instances\": 1, \"bytes\": 4");
    assert_reports(a, "locations", "dead_store_pairs (1 entries)");
    assert_reports(a, "json", "\"exit_code\": 0, \"trap\": null");
    mem_tracer_analysis_end(a, 7, NULL);
    assert_reports(a, "json", "\"exit_code\": 7, \"trap\": null");
    mem_tracer_analysis_end(a, 7, "why\n");
    assert_reports(a, "json", "\"exit_code\": null, \"trap\": \"why?\"");
    char *text;
    assert_false(mem_tracer_analysis_report(a, "xml", &text, &error));
    assert_string_equal(error.message, "there is no format 'xml'");
    mem_tracer_analysis_free(a);
}

struct taken {
    size_t size, room; /* more than `room` is refused */
    unsigned parts;
    char start[64];
};

static bool take(void *self, const void *bytes, size_t size)
{
    struct taken *t = self;
    if (t->size + size > t->room)
        return false;
    for (size_t i = 0; i < size && t->size + i + 1 < sizeof t->start; i++)
        t->start[t->size + i] = ((const char *)bytes)[i];
    t->size += size;
    t->parts++;
    return true;
}

/* Every format, in one go; what starts as it should is enough here: tests/install.py holds them against the command's. */
static void test_outputs(void **state)
{
    (void)state;
    static const char *const starts[][2] = {
        {"text", "Memory"},
        {"json", "{"},
        {"html", "<!doctype html>"},
        {"pprof", "\x1f\x8b"},
        {"speedscope", "{"},
        {"folded", "dead_"},
        {"callgrind", "# callgrind"},
        {"sarif", "{"},
        {"csv", "kind,"},
        {"suppressions", "# Suppressions"},
    };
    enum { FORMATS = sizeof starts / sizeof *starts };
    struct taken taken[FORMATS] = {0};
    struct mem_tracer_output outputs[FORMATS];
    struct mem_tracer_error error;
    struct mem_tracer_analysis *a = open_analysis();
    assert_true(feed(a, SITE_FIRST, 100, &error) && feed(a, SITE_FIRST + 1, 100, &error));
    for (size_t i = 0; i < FORMATS; i++) {
        assert_string_equal(mem_tracer_format(i), starts[i][0]);
        taken[i].room = SIZE_MAX / 2;
        outputs[i] = (struct mem_tracer_output){mem_tracer_format(i), take, &taken[i]};
    }
    assert_null(mem_tracer_format(FORMATS));
    assert_true(mem_tracer_analysis_report_to(a, outputs, FORMATS, &error));
    for (size_t i = 0; i < FORMATS; i++) {
        assert_memory_equal(taken[i].start, starts[i][1], strlen(starts[i][1]));
        taken[i].room = taken[i].size - 1; /* the last byte finds no room */
        taken[i].size = 0;
        assert_false(mem_tracer_analysis_report_to(a, &outputs[i], 1, &error));
        assert_non_null(strstr(error.message, "could not be written"));
    }
    outputs[0].format = "xml";
    taken[1].size = taken[1].parts = 0;
    outputs[2] = outputs[0];
    assert_false(mem_tracer_analysis_report_to(a, &outputs[1], 2, &error)); /* nothing is written then */
    assert_string_equal(error.message, "there is no format 'xml'");
    assert_int_equal(taken[1].parts, 0);
    mem_tracer_analysis_free(a);
}

static void test_refused(void **state)
{
    (void)state;
    struct mem_tracer_error error;
    const struct {
        site_id site;
        uint32_t address;
    } bad[] = {{0, 0}, {SITE_FIRST + 1000, 0}, {SITE_FIRST, UINT32_MAX}, {SITE_CONTEXT, 0}};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct mem_tracer_analysis *a = open_analysis();
        assert_true(feed(a, SITE_FIRST, 100, &error));
        assert_false(feed(a, bad[i].site, bad[i].address, &error));
        assert_string_equal(error.message, "at byte 0 is no record of this module");
        assert_false(feed(a, SITE_FIRST, 100, NULL)); /* once wrong, it stays so */
        assert_reports(a, "json", "\"stores\": 1,");
        mem_tracer_analysis_free(a);
    }
    const struct mem_tracer_options options = {0};
    assert_null(mem_tracer_analysis_new(module.data, module.size - 3, &options, &error));
    assert_true(*error.message && error.has_offset);
}

static void test_analyze(void **state)
{
    (void)state;
    static uint8_t image[MEM_TRACER_RECORDS + 12];
    const uint32_t record[3] = {record_head(SITE_FIRST, 1, 0), 100, record_head(SITE_FIRST, 1, 0)};
    memcpy(image + MEM_TRACER_RECORDS, record, sizeof record);
    const struct mem_tracer_options options = {0};
    struct mem_tracer_error error;
    for (unsigned cut = 0; cut < 2; cut++) {
        struct bytes b = {image, MEM_TRACER_RECORDS + (cut ? 12 : 8)};
        char *text;
        assert_true(mem_tracer_analyze(module.data, module.size, &options, read_bytes, &b, "json", &text, &error));
        assert_non_null(strstr(text, "\"stores\": 1,"));
        assert_true((*error.message != '\0') == cut);
        free(text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_reports), cmocka_unit_test(test_outputs),
                                       cmocka_unit_test(test_refused), cmocka_unit_test(test_analyze)};
    return cmocka_run_group_tests(tests, load, unload);
}
