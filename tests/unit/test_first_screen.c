/* The first screen: whatever the report holds, no more than 24 lines, and on a terminal of 80 columns none that is wider. */
#include "base/clean.h"
#include "render/paths.h"
#include "render/render.h"
#include "render_fixture.h"
#include "report/select.h"
#include "report/strings.h"
#include "trace/object.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

enum { LINES = 24, COLUMNS = 80, REPORTS = 400, SITES = 40, PAIRS = 3000, FRAMES = 4, OBJECTS = 6 };

/* A simple generator: its numbers are the same in each run. */
static uint32_t next(uint64_t *seed, uint32_t below)
{
    *seed = *seed * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(*seed >> 33) % below;
}

/* Names of all lengths, with wide characters, blanks and slashes. */
static const char *name(uint64_t *seed, struct report *r)
{
    static const char *const parts[] = {"f",
                                        "std::vector<int>::push_back",
                                        "…",
                                        "長い名前",
                                        " ",
                                        "/",
                                        "é",
                                        "operator new(unsigned long)",
                                        "_ZN4core3ptr",
                                        "::"};
    char text[3000];
    size_t size = 0;
    for (uint32_t n = next(seed, next(seed, 4) ? 4 : 80) + 1; n && size < sizeof text - 100; n--)
        size +=
            (size_t)snprintf(text + size, sizeof text - size, "%s", parts[next(seed, sizeof parts / sizeof *parts)]);
    return strings_add(r->strings, text, size);
}

static uint64_t number(uint64_t *seed)
{
    uint64_t wide = ((uint64_t)next(seed, UINT32_MAX) << 32 | next(seed, UINT32_MAX)) >> next(seed, 60);
    return wide ? wide : 1;
}

static struct report_side side(uint64_t *seed, struct report *r, struct report_frame *frames)
{
    struct report_side s = {.origin = ORIGIN_SITE,
                            .loc = next(seed, 1 << 30),
                            .func = next(seed, 10),
                            .op = "i32.load8_u",
                            .own = OWN_UNKNOWN};
    s.name = next(seed, 9) ? name(seed, r) : "";
    s.access = ACCESS_LOAD;
    s.width = 4;
    s.frame_count = next(seed, FRAMES + 1);
    s.frames = s.frame_count ? frames : NULL;
    for (uint32_t i = 0; i < s.frame_count; i++) {
        frames[i] = (struct report_frame){.function = next(seed, 9) ? name(seed, r) : NULL, .column = next(seed, 200)};
        frames[i].file = next(seed, 4) ? name(seed, r) : NULL;
        frames[i].line = frames[i].file ? (uint32_t)number(seed) >> next(seed, 32) : 0;
        frames[i].text = frames[i].line ? name(seed, r) : NULL;
        frames[i].indent = next(seed, 12);
    }
    s.own = s.frame_count ? next(seed, s.frame_count) : OWN_NONE;
    return s;
}

static void fill_pairs(uint64_t *seed, struct report *r, const struct report_side *sides)
{
    static const char *const advice[] = {
        NULL, "Load it once in front of the loop and keep it in a local.",
        "A fixed slot of the function's own frame: compile with optimisation; where that is on, use a local whose "
        "address is not taken, or anything else that fills several lines of such a terminal."};
    r->pair_count = next(seed, 3) ? next(seed, 12) : next(seed, PAIRS);
    r->pairs = calloc(r->pair_count + 1, sizeof *r->pairs);
    r->pair_objects = calloc(r->pair_count + 1, sizeof *r->pair_objects);
    assert_non_null(r->pairs);
    assert_non_null(r->pair_objects);
    for (size_t i = 0; i < r->pair_count; i++) {
        struct report_pair *p = &r->pairs[i];
        p->kind = (uint8_t)(i * DEFECT_KINDS / r->pair_count);
        p->first = sides[next(seed, SITES)];
        p->second = sides[next(seed, SITES)];
        if (!next(seed, 8))
            p->first = (struct report_side){
                .origin = next(seed, 2) ? ORIGIN_HOST : ORIGIN_INIT, .func = UINT32_MAX, .name = "", .op = ""};
        p->bytes = number(seed);
        p->instances = number(seed);
        p->effect = next(seed, 5) ? (double)number(seed) / 1000 : 0;
        p->what = (uint8_t)next(seed, PAIR_CLASSES);
        p->marks = (uint8_t)(next(seed, 6) ? 0 : next(seed, 4));
        p->advice = advice[next(seed, 3)];
        r->pair_objects[i] = (struct report_pair_object){1 + next(seed, OBJECTS), p->instances, p->bytes};
        p->objects = &r->pair_objects[i];
        p->object_count = r->by_object;
    }
}

static void fill_objects(uint64_t *seed, struct report *r, const struct report_side *sides)
{
    static const uint8_t kinds[] = {OBJECT_VARIABLE, OBJECT_SEGMENT, OBJECT_STACK, OBJECT_HEAP, OBJECT_OTHER};
    r->by_object = next(seed, 2);
    if (!r->by_object)
        return;
    r->objects = calloc(OBJECTS, sizeof *r->objects);
    r->object_count = OBJECTS;
    assert_non_null(r->objects);
    for (uint32_t i = 0; i < OBJECTS; i++)
        r->objects[i] = (struct report_object){.id = i + 1,
                                               .kind = kinds[next(seed, 5)],
                                               .name = name(seed, r),
                                               .call = sides[next(seed, SITES)],
                                               .size = number(seed)};
}

static void fill_ending(uint64_t *seed, struct report *r, const struct report_side *sides)
{
    static const char *const traps[] = {"interrupt", "timeout", "invalid exit status", "unreachable", NULL};
    r->has_exit_code = next(seed, 2);
    r->exit_code = (uint32_t)number(seed);
    if (next(seed, 2))
        return;
    const char *trap = traps[next(seed, 5)];
    r->trap = trap ? trap : name(seed, r);
    r->trap_at.depth = next(seed, 2) ? 0 : next(seed, 20);
    r->trap_at.stack = calloc(r->trap_at.depth + 1, sizeof *r->trap_at.stack);
    assert_non_null(r->trap_at.stack);
    for (size_t i = 0; i < r->trap_at.depth; i++)
        r->trap_at.stack[i] = sides[next(seed, SITES)];
    r->trap_at.has_address = r->trap_at.depth && next(seed, 2);
    r->trap_at.address = number(seed);
}

static void fill_rest(uint64_t *seed, struct report *r)
{
    r->input_path = name(seed, r);
    r->input_size = number(seed);
    r->accesses = r->loads = r->stores = r->bytes_loaded = r->bytes_stored = number(seed);
    r->unoptimised = next(seed, 2);
    r->shared_memory = next(seed, 2);
    r->contexts_merged = next(seed, 2);
    r->grows_refused = next(seed, 2) ? number(seed) : 0;
    r->run_count = next(seed, 2) ? 0 : 1 + next(seed, 3);
    r->runs = calloc(r->run_count + 1, sizeof *r->runs);
    r->opaque_count = next(seed, 3);
    r->opaque = calloc(r->opaque_count + 1, sizeof *r->opaque);
    r->suppressed_count = next(seed, 2);
    r->suppressed = calloc(r->suppressed_count + 1, sizeof *r->suppressed);
    assert_true(r->runs && r->opaque && r->suppressed);
    for (size_t i = 0; i < r->opaque_count; i++)
        r->opaque[i] = (struct report_opaque){name(seed, r), number(seed)};
    for (size_t i = 0; i < r->suppressed_count; i++) {
        r->suppressed[i].name = name(seed, r);
        r->suppressed[i].sums[0] = (struct report_class){number(seed), number(seed), number(seed)};
    }
    for (unsigned kind = 0; kind < DEFECT_KINDS; kind++)
        r->totals[kind].share = (double)next(seed, 1001) / 1000;
    r->lines = (struct report_lines){
        .asked = true, .source = next(seed, 2) ? "dwarf" : NULL, .bytes = 100, .found = next(seed, 101)};
    r->lines.missing = calloc(1, sizeof *r->lines.missing);
    r->lines.missing_count = 1;
}

/* As on a terminal: text_columns takes an ellipsis to be two columns wide. */
static size_t columns_of(const char *text)
{
    size_t columns = text_columns(text);
    while ((text = strstr(text, "…"))) {
        text += strlen("…");
        columns--;
    }
    return columns;
}

/* Prints it, and checks what holds of every report. */
static void check(const struct report *r, unsigned columns, uint64_t lines, uint64_t seed)
{
    struct capture c;
    uint64_t count = 0;
    capture_open(&c);
    c.out.columns = columns;
    render_first_screen(&c.out, r);
    assert_int_equal(c.out.number, 0);
    capture_close(&c);
    for (char *at = c.text, *end; *at; at = end + 1, count++) {
        end = strchr(at, '\n');
        assert_non_null(end);
        *end = '\0';
        if (!clean_is_utf8(at, (size_t)(end - at)))
            fail_msg("report %llu: cut within a character: %s", (unsigned long long)seed, at);
        if (columns && columns_of(at) > columns)
            fail_msg("report %llu: %zu columns: %s", (unsigned long long)seed, columns_of(at), at);
    }
    if (count > lines)
        fail_msg("report %llu: %llu lines", (unsigned long long)seed, (unsigned long long)count);
    capture_free(&c);
}

static void test_any(void **state)
{
    (void)state;
    for (uint64_t i = 0; i < REPORTS; i++) {
        uint64_t seed = i;
        static struct report_frame frames[SITES][FRAMES];
        struct report_side sides[SITES];
        struct report r = {.strings = strings_new()};
        struct error err = ERROR_INIT;
        assert_non_null(r.strings);
        for (size_t s = 0; s < SITES; s++)
            sides[s] = side(&seed, &r, frames[s]);
        fill_objects(&seed, &r, sides);
        fill_pairs(&seed, &r, sides);
        fill_ending(&seed, &r, sides);
        fill_rest(&seed, &r);
        const char *pattern = "f*";
        struct report_selection s = {.screen = true,
                                     .sort = (enum select_sort)next(&seed, 5),
                                     .show_housekeeping = next(&seed, 2),
                                     .focus = &pattern};
        s.by = (enum select_by)next(&seed, r.by_object ? 5 : 4);
        s.top = next(&seed, 4) ? 0 : 1 + next(&seed, 9);
        s.focus_count = !next(&seed, 3);
        s.only = !next(&seed, 4);
        assert_true(report_select(&r, &s, &err));
        const uint64_t lines = LINES + (s.top > 5 ? s.top - 5 : 0);
        check(&r, COLUMNS, lines, i);
        check(&r, 0, lines, i);
        check(&r, 203, lines, i);
        report_release(&r);
    }
}

static const char *screen(struct report *r, struct capture *c, unsigned columns)
{
    struct error err = ERROR_INIT;
    assert_true(report_select(r, &(struct report_selection){.screen = true}, &err));
    capture_open(c);
    c->out.columns = columns;
    render_first_screen(&c->out, r);
    return capture_close(c);
}

/* Frees what selecting has made of a report over static data. */
static void drop(struct report *r, struct capture *c)
{
    free(r->ranked);
    free(r->places);
    free(r->dead);
    free(r->unread_places);
    free(r->groups);
    free(r->bests);
    capture_free(c);
}

/* The column is marked below the source, however it is indented and cut, and the words stand where there is room. */
static void test_column(void **state)
{
    (void)state;
    static const char before[] = "0123456789012345678901234567890123456789";
    char text[sizeof before + 60] = "";
    struct report_frame frame = {.function = "f", .file = "a.c", .text = text, .line = 7, .indent = 3};
    for (uint32_t at = 0; at < sizeof before - 1; at++)
        for (unsigned more = 0; more < 60; more += 20) {
            struct capture c;
            struct report r = fixture_report();
            snprintf(text, sizeof text, "%.*sX%.*s", (int)at, before, (int)more,
                     "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefghijkl");
            frame.column = 3 + at + 1;
            r.pair_count = 1;
            r.pairs[0].second = r.pairs[0].first = (struct report_side){
                .loc = 5, .func = 1, .name = "f", .op = "i32.store", .frames = &frame, .frame_count = 1};
            const char *got = strstr(screen(&r, &c, 80), "f, a.c:7\n");
            assert_non_null(got);
            const char *source = strchr(got, '\n') + 1, *mark = strchr(source, '\n') + 1;
            const char *x = strchr(source, 'X'), *caret = strchr(mark, '^');
            assert_true(x && x < mark && caret && caret < strchr(mark, '\n'));
            assert_int_equal(columns_of(source) - columns_of(x), columns_of(mark) - columns_of(caret));
            assert_non_null(strstr(mark, "dead store, 8 bytes, 2 times"));
            drop(&r, &c);
        }
}

/* Pairs of one line of the source are one row; where the other side is elsewhere, it is named; DWARF's line 0 has no place. */
static void test_rows(void **state)
{
    (void)state;
    struct report_frame one[] = {{.function = "get", .file = "lib.h", .line = 3},
                                 {.function = "f", .file = "a.c", .line = 7, .text = "x = get();"}};
    struct report_frame two[] = {{.function = "get", .file = "lib.h", .line = 4},
                                 {.function = "f", .file = "a.c", .line = 7, .text = "x = get();"}};
    struct report_frame none[] = {{.function = "g", .file = NULL, .line = 0}};
    struct report r = fixture_report();
    struct capture c;
    r.pairs[0].first =
        (struct report_side){.loc = 4, .func = 2, .name = "g", .op = "i32.store", .frames = none, .frame_count = 1};
    r.pairs[0].second = (struct report_side){
        .loc = 5, .func = 1, .name = "f", .op = "i32.store", .frames = one, .frame_count = 2, .own = 1};
    r.pairs[1] = r.pairs[0];
    r.pairs[1].second.frames = two;
    r.pairs[1].second.loc = 6;
    r.pair_count = 2;
    const char *text = screen(&r, &c, 0);
    static const char want[] = " 1. low       16 bytes  f, a.c:7\n"
                               "      x = get();\n"
                               "      dead store, 16 bytes, 4 times\n"
                               "      It overwrites what g @4 stored.\n";
    if (!strstr(text, want))
        fail_msg("no %s in %s", want, text);
    assert_null(strstr(text, "lib.h"));
    capture_free(&c);
    capture_open(&c);
    render_details(&c.out, &r);
    static const char behind[] = "i32.store                  f\n"
                                 "                       a.c:7\n"
                                 "                         x = get();\n"
                                 "                       through get, lib.h:3\n";
    if (!strstr(capture_close(&c), behind))
        fail_msg("no %s in %s", behind, c.text);
    drop(&r, &c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_any), cmocka_unit_test(test_column),
                                       cmocka_unit_test(test_rows)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
