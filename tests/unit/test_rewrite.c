/* rewrite: every opcode that accesses memory, in each form; what must not change; limits and fall-backs. */
#include "base/buf.h"
#include "files.h"
#include "rewrite/rewrite.h"
#include "trace/guest.h"
#include "wasm/encode.h"
#include "wasm/instr.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void put_section(struct buf *out, uint8_t id, const char *bytes, size_t size)
{
    struct buf content;
    buf_init(&content, 1 << 24);
    buf_put(&content, bytes, size);
    wasm_put_section(out, id, &content);
    buf_release(&content);
}

/* A module with one function of type () -> (), one memory, and that body. */
static void put_module(struct buf *out, bool is_64, const struct buf *body)
{
    buf_put(out, "\0asm\1\0\0\0", 8);
    put_section(out, WASM_SECTION_TYPE, "\1\x60\0\0", 4);
    put_section(out, WASM_SECTION_FUNCTION, "\1\0", 2);
    put_section(out, WASM_SECTION_MEMORY, is_64 ? "\1\4\1" : "\1\0\1", 3);
    put_section(out, WASM_SECTION_EXPORT, "\1\6_start\0\0", 10);
    put_section(out, WASM_SECTION_DATA_COUNT, "\1", 1);
    struct buf code;
    buf_init(&code, 1 << 24);
    wasm_put_u32(&code, 1);
    wasm_put_u32(&code, body->size);
    buf_put(&code, body->data, body->size);
    wasm_put_section(out, WASM_SECTION_CODE, &code);
    buf_release(&code);
    put_section(out, WASM_SECTION_DATA, "\1\1\4abcd", 7);
}

static uint8_t natural_alignment(unsigned width)
{
    uint8_t log2 = 0;
    while ((1u << log2) < width)
        log2++;
    return log2;
}

/* unreachable, then the instruction: typed by any operands. */
static void put_one_instruction(struct buf *body, enum wasm_opcode op)
{
    const struct wasm_opcode_info *info = wasm_opcode_info(op);
    wasm_put_u32(body, 0); /* no locals */
    wasm_put_op(body, WASM_OP_UNREACHABLE);
    wasm_put_op(body, op);
    if (info->imm == IMM_MEMARG || info->imm == IMM_MEMARG_LANE)
        wasm_put_memarg(body, natural_alignment(info->width), 0, 40);
    if (info->imm == IMM_MEMARG_LANE)
        buf_put_u8(body, 0);
    if (info->imm == IMM_MEMORY || info->imm == IMM_MEMORY_MEMORY || info->imm == IMM_DATA_MEMORY)
        buf_put_u8(body, 0);
    if (info->imm == IMM_MEMORY_MEMORY || info->imm == IMM_DATA_MEMORY)
        buf_put_u8(body, 0);
    wasm_put_op(body, WASM_OP_UNREACHABLE);
    wasm_put_op(body, WASM_OP_END);
}

/* Every body of a module decodes to its last byte. */
static void walk_bodies(const struct wasm_module *m)
{
    for (size_t i = 0; i < m->body_count; i++) {
        struct error err = ERROR_INIT;
        struct cursor c = {m->bytes, m->bytes + m->bodies[i].code, m->bytes + m->bodies[i].end, &err};
        uint32_t groups;
        assert_true(cursor_leb_u32(&c, "locals", &groups));
        for (uint32_t g = 0; g < groups; g++) {
            uint32_t n;
            assert_true(cursor_leb_u32(&c, "locals", &n) && cursor_skip(&c, 1, "type"));
        }
        assert_true(wasm_expr_walk(&c, NULL, NULL));
        assert_int_equal(cursor_left(&c), 0);
    }
}

static void check_site(const struct site_table *sites, enum wasm_opcode op, bool is_64, uint32_t loc)
{
    const struct wasm_opcode_info *info = wasm_opcode_info(op);
    assert_int_equal(sites->count, 1);
    const struct site *s = &sites->sites[0];
    assert_int_equal(s->opcode, op);
    assert_int_equal(s->file_off, loc);
    assert_int_equal(s->func, 0);
    assert_int_equal(s->width, info->width);
    assert_int_equal(s->value, info->value);
    assert_int_equal(s->address_64, is_64);
    assert_int_equal(s->static_offset, info->imm == IMM_MEMARG || info->imm == IMM_MEMARG_LANE ? 40 : 0);
}

static void rewrite_one(enum wasm_opcode op, bool is_64, bool values, enum rewrite_inline inlining)
{
    struct buf body, in, out, again;
    buf_init(&body, 1000);
    buf_init(&in, 10000);
    buf_init(&out, 100000);
    buf_init(&again, 100000);
    put_one_instruction(&body, op);
    put_module(&in, is_64, &body);
    struct error err = ERROR_INIT;
    struct wasm_module m, result;
    assert_true(wasm_module_read(&m, in.data, in.size, &err));
    struct rewrite_options options = {.values = values, .inlining = inlining};
    struct site_table sites, same;
    assert_true(rewrite_module(&m, &options, &out, &sites, &err));
    check_site(&sites, op, is_64, m.bodies[0].code + 2);
    assert_true(rewrite_module(&m, &options, &again, &same, &err));
    assert_int_equal(out.size, again.size);
    assert_memory_equal(out.data, again.data, out.size); /* two runs give the same bytes */
    assert_true(wasm_module_read(&result, out.data, out.size, &err));
    walk_bodies(&result);
    assert_int_equal(result.memory_count, 2);
    assert_true(rewrite_is_instrumented(&result) && !rewrite_is_instrumented(&m));
    site_table_release(&sites);
    site_table_release(&same);
    wasm_module_release(&m);
    wasm_module_release(&result);
    buf_release(&body);
    buf_release(&in);
    buf_release(&out);
    buf_release(&again);
}

static void test_every_access(void **state)
{
    (void)state;
    unsigned accesses = 0;
    for (int op = 0; op < WASM_OPCODE_COUNT; op++) {
        if (wasm_opcode_info((enum wasm_opcode)op)->access == WASM_ACCESS_NONE)
            continue;
        accesses++;
        for (int form = 0; form < 8; form++)
            rewrite_one((enum wasm_opcode)op, form & 1, form & 2,
                        form & 4 ? REWRITE_INLINE_NEVER : REWRITE_INLINE_ALWAYS);
    }
    assert_true(accesses > 110);
}

/* No original index changes, and sections that need no change are copied byte for byte. */
static void check_unchanged(const struct file *f)
{
    struct error err = ERROR_INIT;
    struct wasm_module m, r;
    struct buf out;
    struct site_table sites;
    assert_true(wasm_module_read(&m, f->bytes, f->size, &err));
    for (int for_run = 0; for_run < 2; for_run++) {
        buf_init(&out, 1 << 26);
        struct rewrite_options options = {.values = !for_run, .for_run = for_run};
        assert_true(rewrite_module(&m, &options, &out, &sites, &err));
        assert_true(wasm_module_read(&r, out.data, out.size, &err));
        walk_bodies(&r);
        assert_true(r.type_count >= m.type_count && r.export_count > m.export_count);
        assert_int_equal(r.import_count, m.import_count);
        assert_memory_equal(r.func_types, m.func_types, m.func_count * sizeof *m.func_types);
        assert_memory_equal(r.memories, m.memories, m.memory_count * sizeof *m.memories);
        for (size_t i = 0; i < m.export_count; i++)
            assert_true(r.exports[i].name.size == m.exports[i].name.size && r.exports[i].kind == m.exports[i].kind);
        assert_int_equal(r.has_start, m.has_start && !for_run);
        assert_int_equal(wasm_module_export(&r, GUEST_START) != NULL, m.has_start && for_run);
        static const uint8_t copied[] = {WASM_SECTION_IMPORT, WASM_SECTION_DATA, WASM_SECTION_DATA_COUNT,
                                         WASM_SECTION_TAG};
        for (size_t i = 0; i < sizeof copied; i++) {
            const struct wasm_section *a = m.by_id[copied[i]], *b = r.by_id[copied[i]];
            assert_true((a == NULL) == (b == NULL));
            if (a) {
                assert_int_equal(a->end - a->start, b->end - b->start);
                assert_memory_equal(a->start, b->start, (size_t)(a->end - a->start));
            }
        }
        /* sites: in the code section, each on an instruction of its own */
        for (size_t i = 1; i < sites.count; i++)
            assert_true(sites.sites[i].file_off > sites.sites[i - 1].file_off);
        site_table_release(&sites);
        wasm_module_release(&r);
        buf_release(&out);
    }
    wasm_module_release(&m);
}

static void test_nothing_else_changes(void **state)
{
    (void)state;
    assert_true(files_visit("conformance/cases", check_unchanged) > 20);
    assert_true(files_visit("conformance/programs", check_unchanged) > 5);
    assert_true(files_visit("conformance/fuzz", check_unchanged) > 5);
}

/* 50,000 locals leave no room for temporaries: the access goes through a hook. */
static void test_many_locals(void **state)
{
    (void)state;
    struct buf body, in, out;
    buf_init(&body, 1000);
    buf_init(&in, 10000);
    buf_init(&out, 100000);
    wasm_put_u32(&body, 1);
    wasm_put_u32(&body, WASM_MAX_LOCALS);
    buf_put_u8(&body, 0x7f);
    buf_put(&body, "\x41\0\x28\2\0\x1a\x0b", 7); /* i32.const 0, i32.load, drop, end */
    put_module(&in, false, &body);
    struct error err = ERROR_INIT;
    struct wasm_module m, r;
    struct site_table sites;
    struct rewrite_options options = {.inlining = REWRITE_INLINE_ALWAYS};
    assert_true(wasm_module_read(&m, in.data, in.size, &err));
    assert_true(rewrite_module(&m, &options, &out, &sites, &err));
    assert_true(wasm_module_read(&r, out.data, out.size, &err));
    assert_int_equal(out.data[r.bodies[0].code], 1); /* no more groups of locals than before */
    walk_bodies(&r);
    site_table_release(&sites);
    wasm_module_release(&m);
    wasm_module_release(&r);
    buf_release(&body);
    buf_release(&in);
    buf_release(&out);
}

static void expect_limit(const char *memories, size_t size, const char *words)
{
    struct buf in, out;
    buf_init(&in, 10000);
    buf_init(&out, 100000);
    buf_put(&in, "\0asm\1\0\0\0", 8);
    put_section(&in, WASM_SECTION_MEMORY, memories, size);
    struct error err = ERROR_INIT;
    struct wasm_module m;
    struct site_table sites;
    struct rewrite_options options = {0};
    assert_true(wasm_module_read(&m, in.data, in.size, &err));
    bool ok = rewrite_module(&m, &options, &out, &sites, &err);
    if (words) {
        assert_false(ok);
        assert_int_equal(err.code, ERROR_LIMIT);
        assert_non_null(strstr(err.message, words));
    } else {
        assert_true(ok);
    }
    site_table_release(&sites);
    wasm_module_release(&m);
    buf_release(&in);
    buf_release(&out);
}

static void test_memory_limit(void **state)
{
    (void)state;
    char section[1 + 2 * 100];
    memset(section, 0, sizeof section);
    section[0] = 99;
    expect_limit(section, 1 + 2 * 99, NULL);
    section[0] = 100;
    expect_limit(section, sizeof section, "100 memories");
}

static void test_body_limit(void **state)
{
    (void)state;
    /* Just below the limit, so that not even calls of hooks fit. */
    struct buf body, in, out;
    buf_init(&body, WASM_MAX_BODY_SIZE);
    buf_init(&in, 1 << 24);
    buf_init(&out, 1 << 26);
    wasm_put_u32(&body, 0);
    while (body.size + 7 < WASM_MAX_BODY_SIZE)
        buf_put(&body, "\x41\0\x28\2\0\x1a", 6);
    buf_put_u8(&body, 0x0b);
    put_module(&in, false, &body);
    struct error err = ERROR_INIT;
    struct wasm_module m;
    struct site_table sites;
    struct rewrite_options options = {0};
    assert_true(wasm_module_read(&m, in.data, in.size, &err));
    assert_false(rewrite_module(&m, &options, &out, &sites, &err));
    assert_non_null(strstr(err.message, "7654321"));
    site_table_release(&sites);
    wasm_module_release(&m);
    buf_release(&body);
    buf_release(&in);
    buf_release(&out);
}

/* How many of a function's n loads have code in its body; *giant: what is said of the module. */
static size_t count_inline(size_t n, const struct rewrite_options *options, bool *giant)
{
    struct buf body, in, out;
    buf_init(&body, WASM_MAX_BODY_SIZE);
    buf_init(&in, 1 << 24);
    buf_init(&out, 1 << 26);
    wasm_put_u32(&body, 0);
    for (size_t i = 0; i < n; i++)
        buf_put(&body, "\x41\0\x28\2\0\x1a", 6);
    buf_put_u8(&body, 0x0b);
    put_module(&in, false, &body);
    struct error err = ERROR_INIT;
    struct wasm_module m;
    struct site_table sites;
    assert_true(wasm_module_read(&m, in.data, in.size, &err));
    assert_true(rewrite_module(&m, options, &out, &sites, &err));
    assert_int_equal(sites.count, n);
    size_t count = 0;
    for (size_t i = 0; i < n; i++)
        count += sites.sites[i].code_end != 0;
    *giant = rewrite_has_giant(&sites);
    site_table_release(&sites);
    wasm_module_release(&m);
    buf_release(&body);
    buf_release(&in);
    buf_release(&out);
    return count;
}

static void test_giants(void **state)
{
    (void)state;
    enum { MOST = REWRITE_GIANT, MORE = REWRITE_GIANT + 1 };
    const struct habits known = {0};
    struct rewrite_options options = {.online = true, .for_run = true};
    bool giant;
    assert_int_equal(count_inline(MOST, &options, &giant), MOST);
    assert_false(giant);
    assert_int_equal(count_inline(MORE, &options, &giant), 0);
    assert_true(giant);
    options.inlining = REWRITE_INLINE_ALWAYS;
    assert_int_equal(count_inline(MORE, &options, &giant), MORE);
    options = (struct rewrite_options){.for_run = true}; /* records are short */
    assert_int_equal(count_inline(MORE, &options, &giant), MORE);
    options = (struct rewrite_options){
        .online = true, .for_run = true, .habits = &known}; /* earlier runs say what is worth it */
    assert_int_equal(count_inline(MORE, &options, &giant), MORE);
}

static size_t custom_sections(const struct wasm_module *m, const char *name)
{
    size_t n = 0;
    for (size_t i = 0; i < m->section_count; i++)
        n += m->sections[i].id == WASM_SECTION_CUSTOM && wasm_name_is(m->sections[i].name, name);
    return n;
}

static void test_custom_sections(void **state)
{
    (void)state;
    for (int keep = 0; keep < 2; keep++) {
        struct buf body, in, out;
        buf_init(&body, 1000);
        buf_init(&in, 10000);
        buf_init(&out, 100000);
        put_one_instruction(&body, WASM_OP_I32_LOAD);
        put_module(&in, false, &body);
        put_section(&in, WASM_SECTION_CUSTOM, "\x0b.debug_infoxx", 14);
        put_section(&in, WASM_SECTION_CUSTOM, "\x04mineyy", 7);
        put_section(&in, WASM_SECTION_CUSTOM, "\4name\1\6\1\0\3abc", 13);
        put_section(&in, WASM_SECTION_CUSTOM, "\x09producers\1\x0cprocessed-by\1\1a\1b", 29);
        struct error err = ERROR_INIT;
        struct wasm_module m, r;
        struct site_table sites;
        struct rewrite_options options = {.keep_debug = keep};
        assert_true(wasm_module_read(&m, in.data, in.size, &err));
        assert_true(rewrite_module(&m, &options, &out, &sites, &err));
        assert_true(wasm_module_read(&r, out.data, out.size, &err));
        assert_int_equal(custom_sections(&r, ".debug_info"), keep);
        assert_int_equal(custom_sections(&r, "mine"), 1);
        assert_int_equal(custom_sections(&r, "name"), 1);
        assert_int_equal(custom_sections(&r, "producers"), 1);
        const struct wasm_section *name = wasm_module_custom(&r, "name");
        size_t size = (size_t)(name->end - name->start);
        assert_non_null(memmem(name->start, size, "abc", 3));
        assert_non_null(memmem(name->start, size, "_trace_memory", 13));
        const struct wasm_section *producers = wasm_module_custom(&r, "producers");
        assert_non_null(memmem(producers->start, (size_t)(producers->end - producers->start), "mem-tracer", 10));
        site_table_release(&sites);
        wasm_module_release(&m);
        wasm_module_release(&r);
        buf_release(&body);
        buf_release(&in);
        buf_release(&out);
    }
}

/* Entries of a map of indices and names, which must rise; *last is the highest. */
static uint32_t walk_name_map(struct cursor c, uint32_t *last)
{
    uint32_t count = 0, before = 0, size;
    const char *name;
    assert_true(cursor_leb_u32(&c, "count", &count));
    for (uint32_t i = 0; i < count; i++, before = *last) {
        assert_true(cursor_leb_u32(&c, "index", last) && cursor_name(&c, "name", &name, &size));
        assert_true(i == 0 || *last > before);
    }
    assert_int_equal(cursor_left(&c), 0);
    return count;
}

/* The entries of each subsection; ids must rise. */
static void walk_names(const struct wasm_module *m, uint32_t counts[16], uint32_t last[16])
{
    memset(counts, 0, 16 * sizeof *counts);
    const struct wasm_section *s = wasm_module_custom(m, "name");
    if (!s)
        return;
    struct error err = ERROR_INIT;
    struct cursor c = {m->bytes, s->items, s->end, &err}, part;
    int before = -1;
    while (c.at < c.end) {
        uint8_t id;
        uint32_t size;
        assert_true(cursor_u8(&c, "id", &id) && cursor_leb_u32(&c, "size", &size));
        assert_true(cursor_split(&c, size, "names", &part));
        assert_true(id > before && id < 16);
        before = id;
        if (id == 1 || (id >= 4 && id <= 9))
            counts[id] = walk_name_map(part, &last[id]);
    }
}

static void check_names(const struct file *f)
{
    struct error err = ERROR_INIT;
    struct wasm_module m, r;
    struct site_table sites;
    struct buf out;
    buf_init(&out, 1 << 26);
    struct rewrite_options options = {.values = true, .inlining = REWRITE_INLINE_NEVER};
    assert_true(wasm_module_read(&m, f->bytes, f->size, &err));
    assert_true(rewrite_module(&m, &options, &out, &sites, &err));
    assert_true(wasm_module_read(&r, out.data, out.size, &err));
    uint32_t old[16], new[16], last[16];
    walk_names(&m, old, last);
    walk_names(&r, new, last);
    assert_int_equal(new[1], old[1] + (r.func_count - m.func_count)); /* every added function has a name */
    assert_int_equal(last[1], r.func_count - 1);
    assert_int_equal(new[6], old[6] + 1);
    assert_int_equal(last[6], m.memory_count);
    assert_int_equal(new[4], old[4]);
    assert_int_equal(new[9], old[9]);
    site_table_release(&sites);
    wasm_module_release(&r);
    wasm_module_release(&m);
    buf_release(&out);
}

/* Some of these are no modules. */
static void check_names_of_valid(const struct file *f)
{
    struct error err = ERROR_INIT;
    struct wasm_module m;
    struct site_table sites;
    struct rewrite_options options = {0};
    struct buf out;
    buf_init(&out, 1 << 26);
    bool ok = wasm_module_read(&m, f->bytes, f->size, &err) && rewrite_module(&m, &options, &out, &sites, &err);
    wasm_module_release(&m);
    buf_release(&out);
    if (!ok)
        return;
    site_table_release(&sites);
    check_names(f);
}

static void test_names_are_merged(void **state)
{
    (void)state;
    assert_true(files_visit("conformance/cases", check_names) > 20);
    assert_true(files_visit("conformance/programs", check_names) > 5);
    assert_true(files_visit("golden/inputs", check_names_of_valid) > 5);
}

static void expect_section(const char *section, size_t size, const char *name, bool copied)
{
    struct buf body, in, out;
    buf_init(&body, 1000);
    buf_init(&in, 10000);
    buf_init(&out, 100000);
    put_one_instruction(&body, WASM_OP_I32_LOAD);
    put_module(&in, false, &body);
    put_section(&in, WASM_SECTION_CUSTOM, section, size);
    struct error err = ERROR_INIT;
    struct wasm_module m, r;
    struct site_table sites;
    struct rewrite_options options = {0};
    assert_true(wasm_module_read(&m, in.data, in.size, &err));
    assert_true(rewrite_module(&m, &options, &out, &sites, &err));
    assert_true(wasm_module_read(&r, out.data, out.size, &err));
    const struct wasm_section *a = wasm_module_custom(&m, name), *b = wasm_module_custom(&r, name);
    bool same = a->end - a->start == b->end - b->start && memcmp(a->start, b->start, (size_t)(a->end - a->start)) == 0;
    assert_int_equal(same, copied);
    site_table_release(&sites);
    wasm_module_release(&m);
    wasm_module_release(&r);
    buf_release(&body);
    buf_release(&in);
    buf_release(&out);
}

/* A malformed custom section makes no module invalid: it stays as it is. */
static void test_odd_names(void **state)
{
    (void)state;
#define EXPECT(section, name, copied) expect_section(section, sizeof(section) - 1, name, copied)
    EXPECT("\4name", "name", false);
    EXPECT("\4name\1\4\1\0\1f", "name", false);
    EXPECT("\4name\0\2\1m\1\4\1\0\1f\2\6\1\0\1\0\1x", "name", false); /* module, functions, locals */
    EXPECT("\4name\1\x7f\1\0\1f", "name", true);                      /* longer than the section */
    EXPECT("\4name\1\4\1\0\2f", "name", true);                        /* a name longer than its subsection */
    EXPECT("\4name\1\5\1\0\1fx", "name", true);                       /* something behind the names */
    EXPECT("\4name\2\1\0\1\4\1\0\1f", "name", true);                  /* out of order */
    EXPECT("\4name\1\4\1\0\1f\1\4\1\0\1f", "name", true);             /* twice */
    EXPECT("\4name\1\6\xff\xff\xff\xff\x0f\0", "name", true);
    EXPECT("\x09producers\0", "producers", false);
    EXPECT("\x09producers\1\x0cprocessed-by\2\1a\1b", "producers", true);
    EXPECT("\x09producers\5", "producers", true);
#undef EXPECT
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_access),    cmocka_unit_test(test_nothing_else_changes),
        cmocka_unit_test(test_many_locals),     cmocka_unit_test(test_memory_limit),
        cmocka_unit_test(test_body_limit),      cmocka_unit_test(test_giants),
        cmocka_unit_test(test_custom_sections), cmocka_unit_test(test_names_are_merged),
        cmocka_unit_test(test_odd_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
