#include "render_fixture.h"

#include <stdlib.h>

enum { PAIRS = 7 };

static const struct report_side in_main = {
    .origin = ORIGIN_SITE, .loc = 0x1234, .func = 3, .name = "main", .op = "i32.store"};
static const struct report_side in_copy = {
    .origin = ORIGIN_SITE, .loc = 0xABCDEF, .func = 4, .name = "copy<char>", .op = "v128.load32_splat"};
static const struct report_side from_init = {.origin = ORIGIN_INIT, .loc = 0, .func = UINT32_MAX, .name = "", .op = ""};
static const struct report_side from_host = {.origin = ORIGIN_HOST, .loc = 0, .func = UINT32_MAX, .name = "", .op = ""};
static const struct report_side outside = {.origin = ORIGIN_SITE, .loc = 0, .func = UINT32_MAX, .name = "", .op = ""};

struct report fixture_report(void)
{
    static struct report_pair pairs[PAIRS];
    static struct report_opaque opaque[2];
    opaque[0] = (struct report_opaque){"env.f", 3};
    opaque[1] = (struct report_opaque){"env.g\"\\", 1};
    pairs[0] = (struct report_pair){
        .kind = DEFECT_DEAD_STORE, .first = in_main, .second = in_main, .instances = 2, .bytes = 8};
    pairs[1] = (struct report_pair){
        .kind = DEFECT_DEAD_STORE, .first = in_main, .second = outside, .instances = 1, .bytes = 4};
    pairs[2] = (struct report_pair){.kind = DEFECT_SILENT_LOAD_AFTER_LOAD,
                                    .first = in_copy,
                                    .second = in_copy,
                                    .instances = 1500,
                                    .bytes = 3000000};
    pairs[3] = (struct report_pair){
        .kind = DEFECT_SILENT_LOAD_AFTER_STORE, .first = in_main, .second = in_copy, .instances = 1, .bytes = 1};
    pairs[4] = (struct report_pair){
        .kind = DEFECT_SILENT_STORE, .first = from_init, .second = in_main, .instances = 5, .bytes = 9007199254740993};
    pairs[5] = (struct report_pair){
        .kind = DEFECT_SILENT_STORE, .first = from_host, .second = in_main, .instances = 5, .bytes = 20};
    pairs[6] = (struct report_pair){
        .kind = DEFECT_SILENT_STORE, .first = in_copy, .second = in_main, .instances = 5, .bytes = 20};
    return (struct report){
        .input_path = "dir/a.wasm",
        .input_size = 140422,
        .has_exit_code = true,
        .exit_code = 7,
        .accesses = 1234567,
        .loads = 1000000,
        .stores = 234540,
        .rmws = 1,
        .fills = 2,
        .copies = 3,
        .inits = 4,
        .waits = 5,
        .host_reads = 6,
        .host_writes = 7,
        .bytes_loaded = 4000000,
        .bytes_stored = 9223372036854775807,
        .unread_at_exit = 16,
        .opaque = opaque,
        .opaque_count = 2,
        .totals = {[DEFECT_DEAD_STORE] = {3, 12, 1e-9},
                   [DEFECT_SILENT_LOAD_AFTER_LOAD] = {1500, 3000000, 0.75},
                   [DEFECT_SILENT_LOAD_AFTER_STORE] = {1, 1, 2.5e-7},
                   [DEFECT_SILENT_STORE] = {15, 9007199254741033, 1}},
        .pairs = pairs,
        .pair_count = PAIRS,
        .shared_memory = true,
    };
}

struct report fixture_lines_report(void)
{
    static const struct report_frame inlined[] = {
        {.function = "put", .file = "/src/a.h", .text = "c->key = \"k\";", .line = 12, .column = 5},
        {.function = "put_all", .file = "/src/a.h", .line = 30, .column = 1},
        {.file = "/src/very/long/path/of/a/project/that/somebody/has/put/into/many/folders/below/each/other/b.c",
         .line = 4294967295u},
        {.function = "main"},
    };
    static const struct report_frame no_line[] = {{.function = "main", .file = "/src/b.c"}};
    static struct report_missing missing[] = {{"it is night", 30}, {"nobody knows", 10}};
    struct report r = fixture_report();
    r.pairs[0].first.frames = r.pairs[0].second.frames = inlined;
    r.pairs[0].first.frame_count = r.pairs[0].second.frame_count = 4;
    r.pairs[1].first.frames = no_line;
    r.pairs[1].first.frame_count = 1;
    r.pairs[1].first.no_line = missing[0].why;
    r.lines = (struct report_lines){.asked = true,
                                    .source = "dwarf",
                                    .warning = "half of it is broken",
                                    .bytes = 100,
                                    .found = 60,
                                    .missing = missing,
                                    .missing_count = 2};
    return r;
}

struct report fixture_empty_report(void)
{
    return (struct report){.input_path = "b.wasm", .input_size = 8, .trap = "unreachable"};
}

void capture_open(struct capture *c)
{
    *c = (struct capture){0};
    c->stream = open_memstream(&c->text, &c->size);
    if (!c->stream)
        abort();
    output_init(&c->out, c->stream, NULL);
}

const char *capture_close(struct capture *c)
{
    fclose(c->stream);
    c->stream = NULL;
    return c->text;
}

void capture_free(struct capture *c)
{
    if (c->stream)
        fclose(c->stream);
    free(c->text);
}
