#include "symbol/package.h"

#include <string.h>

/* Columns of an index, by the numbers of both versions: 2, of GNU, and 5.  What has none is not asked for. */
enum column {
    COLUMN_INFO = 1,
    COLUMN_TYPES = 2,
    COLUMN_ABBREV = 3,
    COLUMN_STR_OFFSETS = 6,
    COLUMN_RNGLISTS = 8,
    COLUMNS = 9
};

struct span {
    uint32_t offset, size;
};

/* .debug_cu_index or .debug_tu_index. */
struct index {
    struct cursor hashes, numbers, columns, offsets, sizes; /* the tables */
    uint32_t version, column_count, unit_count, slot_count;
};

static uint32_t number_at(const struct cursor *table, uint64_t at)
{
    uint32_t value = 0;
    struct error ignored = ERROR_INIT;
    if (at < cursor_left(table) / 4) {
        struct cursor c = *table;
        c.at += at * 4;
        c.err = &ignored;
        cursor_u32_fixed(&c, "index", &value);
    }
    return value;
}

static struct elf_section section_of(const struct wasm_module *module, const char *name)
{
    const struct wasm_section *s = wasm_module_custom(module, name);
    return s ? (struct elf_section){name, s->items, (size_t)(s->end - s->items)} : (struct elf_section){name, NULL, 0};
}

static bool read_index(struct index *x, const struct wasm_module *module, const char *name)
{
    struct error ignored = ERROR_INIT;
    const struct elf_section s = section_of(module, name);
    *x = (struct index){.version = 0};
    if (!s.size)
        return false;
    struct cursor c = cursor_over(s.bytes, s.size, &ignored);
    return cursor_u32_fixed(&c, "index", &x->version) && cursor_u32_fixed(&c, "index", &x->column_count) &&
           cursor_u32_fixed(&c, "index", &x->unit_count) && cursor_u32_fixed(&c, "index", &x->slot_count) &&
           (x->version == 2 || (x->version & 0xffff) == 5) && x->column_count <= COLUMNS &&
           cursor_split(&c, (size_t)x->slot_count * 8, "index", &x->hashes) &&
           cursor_split(&c, (size_t)x->slot_count * 4, "index", &x->numbers) &&
           cursor_split(&c, (size_t)x->column_count * 4, "index", &x->columns) &&
           cursor_split(&c, (size_t)x->unit_count * x->column_count * 4, "index", &x->offsets) &&
           cursor_split(&c, (size_t)x->unit_count * x->column_count * 4, "index", &x->sizes);
}

/* The spans of a row, which count from 1. */
static bool read_row(const struct index *x, uint32_t row, struct span spans[COLUMNS])
{
    memset(spans, 0, COLUMNS * sizeof *spans);
    if (row == 0 || row > x->unit_count)
        return false;
    for (uint32_t i = 0; i < x->column_count; i++) {
        uint32_t column = number_at(&x->columns, i);
        uint64_t cell = (uint64_t)(row - 1) * x->column_count + i;
        if (column < COLUMNS)
            spans[column] = (struct span){number_at(&x->offsets, cell), number_at(&x->sizes, cell)};
    }
    return true;
}

/* The table is a hash table: its second step is odd, so it meets each slot, whose number is a power of 2. */
static bool find_row(const struct index *x, uint64_t id, struct span spans[COLUMNS])
{
    const uint32_t mask = x->slot_count - 1;
    uint64_t at = id & mask;
    for (uint32_t i = 0; i < x->slot_count; i++) {
        uint64_t found = number_at(&x->hashes, at * 2) | (uint64_t)number_at(&x->hashes, at * 2 + 1) << 32;
        uint32_t row = number_at(&x->numbers, at);
        if (found == id && row)
            return read_row(x, row, spans);
        if (!found && !row)
            return false;
        at = (at + ((id >> 32 & mask) | 1)) & mask;
    }
    return false;
}

/* Appends part of a section; false where it does not lie in it. */
static bool put_span(struct buf *out, const struct elf_section *whole, struct span span)
{
    return span.offset <= whole->size && span.size <= whole->size - span.offset &&
           buf_put(out, whole->bytes + span.offset, span.size);
}

/* Appends the type units of the same compilation: they have the same abbreviations and strings.  Those of others, of which only one copy is
 * kept, have other ones, and nothing in them says where these begin. */
static bool put_types(struct buf *out, const struct wasm_module *module, const struct span own[COLUMNS],
                      enum column column, const struct elf_section *whole)
{
    struct index x;
    struct span row[COLUMNS];
    if (!read_index(&x, module, ".debug_tu_index"))
        return true;
    for (uint32_t i = 1; i <= x.unit_count; i++)
        if (read_row(&x, i, row) && row[COLUMN_ABBREV].offset == own[COLUMN_ABBREV].offset &&
            row[COLUMN_STR_OFFSETS].offset == own[COLUMN_STR_OFFSETS].offset && !put_span(out, whole, row[column]))
            return false;
    return true;
}

static uint64_t read_number(const uint8_t *at, unsigned bytes)
{
    uint64_t value = 0;
    for (unsigned i = bytes; i-- > 0;)
        value = value << 8 | at[i];
    return value;
}

/* The strings of a package are those of all units: appends the unit's own, and changes its offsets, which stand in `made` from there on,
 * to lead to them.  Before DWARF 5 they have no header (7.26). */
static bool put_strings(struct buf *made, size_t start, const struct elf_section *strings, bool has_header)
{
    const size_t end = made->size;
    const bool wide = has_header && end - start >= 16 && read_number(made->data + start, 4) == UINT32_MAX;
    const unsigned step = wide ? 8 : 4;
    for (size_t at = start + (has_header ? 2 * step : 0); at + step <= end; at += step) {
        const uint64_t from = read_number(made->data + at, step), to = made->size - end;
        const char *text = from < strings->size ? (const char *)strings->bytes + from : "";
        for (unsigned i = 0; i < step; i++)
            made->data[at + i] = (uint8_t)(to >> 8 * i);
        if (!buf_put(made, text, from < strings->size ? strnlen(text, strings->size - from) : 0) ||
            !buf_put_u8(made, '\0'))
            return false;
    }
    return true;
}

bool package_possible(const struct wasm_module *module)
{
    return section_of(module, ".debug_info.dwo").size != 0;
}

/* A .dwo: its sections as they are. */
static void take_all(const struct wasm_module *module, struct elf_section *sections, unsigned *count)
{
    static const char *const names[][2] = {{".debug_info.dwo", ".debug_info"},
                                           {".debug_types.dwo", ".debug_types"},
                                           {".debug_abbrev.dwo", ".debug_abbrev"},
                                           {".debug_str.dwo", ".debug_str"},
                                           {".debug_str_offsets.dwo", ".debug_str_offsets"},
                                           {".debug_rnglists.dwo", ".debug_rnglists"}};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        struct elf_section s = section_of(module, names[i][0]);
        s.name = names[i][1];
        if (s.size)
            sections[(*count)++] = s;
    }
}

/* What is cut from a package: the ends of its parts in a buffer. */
enum part { PART_INFO, PART_TYPES, PART_ABBREV, PART_RNGLISTS, PART_STR_OFFSETS, PART_STR, PARTS };

static bool cut(const struct wasm_module *module, const struct index *x, const struct span own[COLUMNS],
                struct buf *made, size_t ends[PARTS])
{
    const struct elf_section info = section_of(module, ".debug_info.dwo"),
                             types = section_of(module, ".debug_types.dwo"),
                             abbrev = section_of(module, ".debug_abbrev.dwo"),
                             ranges = section_of(module, ".debug_rnglists.dwo"),
                             offsets = section_of(module, ".debug_str_offsets.dwo"),
                             strings = section_of(module, ".debug_str.dwo");
    const bool is_old = x->version == 2;
    bool ok = put_span(made, &info, own[COLUMN_INFO]) && (is_old || put_types(made, module, own, COLUMN_INFO, &info));
    ends[PART_INFO] = made->size;
    ok = ok && (!is_old || put_types(made, module, own, COLUMN_TYPES, &types));
    ends[PART_TYPES] = made->size;
    ok = ok && put_span(made, &abbrev, own[COLUMN_ABBREV]);
    ends[PART_ABBREV] = made->size;
    ok = ok && (is_old || put_span(made, &ranges, own[COLUMN_RNGLISTS]));
    ends[PART_RNGLISTS] = made->size;
    ok = ok && put_span(made, &offsets, own[COLUMN_STR_OFFSETS]);
    ends[PART_STR_OFFSETS] = made->size;
    ok = ok && put_strings(made, ends[PART_RNGLISTS], &strings, !is_old);
    ends[PART_STR] = made->size;
    return ok;
}

bool package_find(const struct wasm_module *module, uint64_t id, struct buf *made, struct elf_section *sections,
                  unsigned *count)
{
    static const char *const names[PARTS] = {".debug_info",     ".debug_types",       ".debug_abbrev",
                                             ".debug_rnglists", ".debug_str_offsets", ".debug_str"};
    struct index x;
    struct span own[COLUMNS];
    size_t ends[PARTS];
    *count = 0;
    if (!wasm_module_custom(module, ".debug_cu_index")) {
        take_all(module, sections, count);
        return true;
    }
    if (!read_index(&x, module, ".debug_cu_index") || !find_row(&x, id, own) || !cut(module, &x, own, made, ends))
        return false;
    for (size_t i = 0, start = 0; i < PARTS; start = ends[i], i++)
        if (ends[i] > start)
            sections[(*count)++] = (struct elf_section){names[i], made->data + start, ends[i] - start};
    return true;
}
