#include "wasm/module.h"

#include "base/clean.h"
#include "base/vec.h"
#include "wasm/check.h"
#include "wasm/instr.h"
#include "wasm/types.h"

#include <stdlib.h>
#include <string.h>

/* A function of exactly its type, not of a subtype (custom descriptors). */
enum { EXTERN_FUNC_EXACT = 0x20 };

/* What stands in a kind's place, behind an empty name, where one module's imports are listed (compact imports). */
enum { IMPORT_GROUP = 0x7f, IMPORT_GROUP_OF_TYPE = 0x7e };

typedef bool read_items(struct cursor *c, struct wasm_module *m, struct wasm_section *s);

static bool add_memory(struct cursor *c, struct wasm_module *m, const struct wasm_memory *memory)
{
    if (!vec_room((void **)&m->memories, &m->memory_capacity, m->memory_count, sizeof *m->memories))
        return error_no_memory(c->err);
    m->memories[m->memory_count++] = *memory;
    return true;
}

static bool add_func(struct cursor *c, struct wasm_module *m, uint32_t type, uint64_t at)
{
    if (type >= m->type_count)
        return error_at(c->err, ERROR_INPUT, at, "unknown type %u", type);
    if (!vec_room((void **)&m->func_types, &m->func_capacity, m->func_count, sizeof *m->func_types))
        return error_no_memory(c->err);
    m->func_types[m->func_count++] = type;
    return true;
}

static bool skip_tag_type(struct cursor *c, const struct wasm_module *m)
{
    uint32_t type;
    uint64_t at = cursor_offset(c);
    if (!cursor_skip(c, 1, "tag") || !cursor_leb_u32(c, "tag", &type))
        return false;
    return type < m->type_count || error_at(c->err, ERROR_INPUT, at, "unknown type %u", type);
}

static bool skip_table_type(struct cursor *c, struct wasm_module *m)
{
    struct wasm_type_use use = {0};
    uint64_t at = cursor_offset(c);
    bool ok = wasm_skip_table_type(c, &use);
    m->has_exact |= use.exact;
    return ok && wasm_check_types(m, use.end, at, c->err);
}

static bool skip_global_type(struct cursor *c, struct wasm_module *m)
{
    struct wasm_type_use use = {0};
    uint64_t at = cursor_offset(c);
    bool ok = wasm_skip_global_type(c, &use);
    m->has_exact |= use.exact;
    return ok && wasm_check_types(m, use.end, at, c->err);
}

static bool read_types(struct cursor *c, struct wasm_module *m, struct wasm_section *s)
{
    for (uint32_t i = 0; i < s->count; i++)
        if (!wasm_read_rec_type(c, m))
            return false;
    return true;
}

/* What is imported, apart from its names. */
struct extern_type {
    uint8_t kind;
    bool exact;
    uint32_t type; /* of a function */
    uint64_t type_at;
    struct wasm_memory memory;
};

static bool read_extern_type(struct cursor *c, struct wasm_module *m, struct extern_type *e)
{
    uint64_t at = cursor_offset(c);
    *e = (struct extern_type){.type_at = at};
    if (!cursor_u8(c, "import", &e->kind))
        return false;
    e->exact = e->kind == EXTERN_FUNC_EXACT;
    if (e->exact)
        e->kind = WASM_EXTERN_FUNC;
    switch (e->kind) {
    case WASM_EXTERN_FUNC:
        return cursor_leb_u32(c, "import", &e->type) &&
               (e->type < m->type_count || error_at(c->err, ERROR_INPUT, at, "unknown type %u", e->type));
    case WASM_EXTERN_TABLE:
        return skip_table_type(c, m);
    case WASM_EXTERN_MEMORY:
        return wasm_read_memory_type(c, &e->memory);
    case WASM_EXTERN_GLOBAL:
        return skip_global_type(c, m);
    case WASM_EXTERN_TAG:
        return skip_tag_type(c, m);
    default:
        return error_at(c->err, ERROR_INPUT, at, "unknown import kind 0x%02x", e->kind);
    }
}

static bool add_import(struct cursor *c, struct wasm_module *m, const struct wasm_import *names,
                       const struct extern_type *e)
{
    if (!vec_room((void **)&m->imports, &m->import_capacity, m->import_count, sizeof *m->imports))
        return error_no_memory(c->err);
    m->imports[m->import_count++] = (struct wasm_import){
        .module = names->module, .name = names->name, .kind = e->kind, .exact = e->exact, .type = e->type};
    m->func_imports += e->kind == WASM_EXTERN_FUNC;
    m->table_count += e->kind == WASM_EXTERN_TABLE;
    m->global_count += e->kind == WASM_EXTERN_GLOBAL;
    m->tag_count += e->kind == WASM_EXTERN_TAG;
    if (e->kind == WASM_EXTERN_FUNC)
        return add_func(c, m, e->type, e->type_at);
    return e->kind != WASM_EXTERN_MEMORY || add_memory(c, m, &e->memory);
}

static bool read_import_name(struct cursor *c, struct wasm_name *name)
{
    return cursor_name(c, "import", &name->bytes, &name->size);
}

/* Compact imports: several from one module, all of one type or each of its own. */
static bool read_import_group(struct cursor *c, struct wasm_module *m, struct wasm_import *names, bool one_type)
{
    struct extern_type type;
    uint32_t count;
    if ((one_type && !read_extern_type(c, m, &type)) || !cursor_count(c, "import", 1, &count))
        return false;
    while (count--)
        if (!read_import_name(c, &names->name) || (!one_type && !read_extern_type(c, m, &type)) ||
            !add_import(c, m, names, &type))
            return false;
    return true;
}

static bool read_import(struct cursor *c, struct wasm_module *m)
{
    struct wasm_import names = {0};
    struct extern_type type;
    if (!read_import_name(c, &names.module) || !read_import_name(c, &names.name))
        return false;
    if (names.name.size == 0 && c->at < c->end && (*c->at == IMPORT_GROUP || *c->at == IMPORT_GROUP_OF_TYPE))
        return read_import_group(c, m, &names, *c->at++ == IMPORT_GROUP_OF_TYPE);
    return read_extern_type(c, m, &type) && add_import(c, m, &names, &type);
}

static bool read_imports(struct cursor *c, struct wasm_module *m, struct wasm_section *s)
{
    for (uint32_t i = 0; i < s->count; i++)
        if (!read_import(c, m))
            return false;
    return true;
}

static bool read_functions(struct cursor *c, struct wasm_module *m, struct wasm_section *s)
{
    for (uint32_t i = 0; i < s->count; i++) {
        uint64_t at = cursor_offset(c);
        uint32_t type;
        if (!cursor_leb_u32(c, "function section", &type) || !add_func(c, m, type, at))
            return false;
    }
    return true;
}

/* A table with an initialiser starts with 0x40 0x00. */
static bool read_tables(struct cursor *c, struct wasm_module *m, struct wasm_section *s)
{
    for (uint32_t i = 0; i < s->count; i++) {
        bool has_init = cursor_left(c) >= 2 && c->at[0] == 0x40 && c->at[1] == 0;
        if (has_init)
            c->at += 2;
        if (!skip_table_type(c, m) || (has_init && !wasm_check_const(m, c)))
            return false;
    }
    m->table_count += s->count;
    return true;
}

static bool read_memories(struct cursor *c, struct wasm_module *m, struct wasm_section *s)
{
    for (uint32_t i = 0; i < s->count; i++) {
        struct wasm_memory memory;
        if (!wasm_read_memory_type(c, &memory) || !add_memory(c, m, &memory))
            return false;
    }
    return true;
}

static bool read_globals(struct cursor *c, struct wasm_module *m, struct wasm_section *s)
{
    for (uint32_t i = 0; i < s->count; i++)
        if (!skip_global_type(c, m) || !wasm_check_const(m, c))
            return false;
    m->global_count += s->count;
    return true;
}

static bool read_tags(struct cursor *c, struct wasm_module *m, struct wasm_section *s)
{
    for (uint32_t i = 0; i < s->count; i++)
        if (!skip_tag_type(c, m))
            return false;
    m->tag_count += s->count;
    return true;
}

static bool read_exports(struct cursor *c, struct wasm_module *m, struct wasm_section *s)
{
    m->exports = calloc(s->count ? s->count : 1, sizeof *m->exports);
    if (!m->exports)
        return error_no_memory(c->err);
    for (uint32_t i = 0; i < s->count; i++, m->export_count++) {
        struct wasm_export *export = &m->exports[i];
        uint64_t at = cursor_offset(c);
        if (!cursor_name(c, "export", &export->name.bytes, &export->name.size) ||
            !cursor_u8(c, "export", &export->kind) || !cursor_leb_u32(c, "export", &export->index))
            return false;
        if (export->kind > WASM_EXTERN_TAG)
            return error_at(c->err, ERROR_INPUT, at, "unknown export kind 0x%02x", export->kind);
        static const char *const kinds[] = {"function", "table", "memory", "global", "tag"};
        const size_t counts[] = {m->func_count, m->table_count, m->memory_count, m->global_count, m->tag_count};
        if (export->index >= counts[export->kind])
            return error_at(c->err, ERROR_INPUT, at, "export of unknown %s %u", kinds[export->kind], export->index);
        if (export->kind == WASM_EXTERN_FUNC && !wasm_check_declare(m, export->index, at, c->err))
            return false;
    }
    return true;
}

static bool read_start(struct cursor *c, struct wasm_module *m, struct wasm_section *s)
{
    m->has_start = true;
    m->start = s->count; /* this section is no vector: its only content is the index */
    if (m->start >= m->func_count)
        return error_at(c->err, ERROR_INPUT, (uint64_t)(s->content - m->bytes), "unknown start function %u", m->start);
    const struct wasm_type *type = &m->types[m->func_types[m->start]];
    if (type->param_count || type->result_count)
        return error_at(c->err, ERROR_INPUT, (uint64_t)(s->content - m->bytes),
                        "the start function has parameters or results");
    return true;
}

/* Flags of an element segment: bit 0 passive or declarative, bit 1 an explicit table (or declarative), bit 2
 * expressions instead of function indices. */
static bool read_element_kind(struct cursor *c, struct wasm_module *m, bool exprs)
{
    struct wasm_type_use use = {0};
    uint64_t at = cursor_offset(c);
    if (!exprs)
        return cursor_skip(c, 1, "element segment");
    bool ok = wasm_skip_value_type(c, &use);
    m->has_exact |= use.exact;
    return ok && wasm_check_types(m, use.end, at, c->err);
}

static bool read_element_func(struct cursor *c, struct wasm_module *m)
{
    uint32_t func;
    uint64_t at = cursor_offset(c);
    return cursor_leb_u32(c, "element segment", &func) && wasm_check_declare(m, func, at, c->err);
}

static bool read_element(struct cursor *c, struct wasm_module *m)
{
    uint64_t at = cursor_offset(c);
    uint32_t flags, count, table = 0;
    if (!cursor_leb_u32(c, "element segment", &flags))
        return false;
    if (flags > 7)
        return error_at(c->err, ERROR_INPUT, at, "unknown element segment flags 0x%x", flags);
    bool active = !(flags & 1), exprs = flags & 4;
    if (active && flags & 2 && !cursor_leb_u32(c, "element segment", &table))
        return false;
    if (active && table >= m->table_count)
        return error_at(c->err, ERROR_INPUT, at, "unknown table %u", table);
    if (active && !wasm_check_const(m, c))
        return false;
    if (flags & 3 && !read_element_kind(c, m, exprs))
        return false;
    if (!cursor_count(c, "element segment", 1, &count))
        return false;
    while (count--)
        if (!(exprs ? wasm_check_const(m, c) : read_element_func(c, m)))
            return false;
    return true;
}

static bool read_elements(struct cursor *c, struct wasm_module *m, struct wasm_section *s)
{
    for (uint32_t i = 0; i < s->count; i++)
        if (!read_element(c, m))
            return false;
    m->element_count = s->count;
    return true;
}

static bool read_code(struct cursor *c, struct wasm_module *m, struct wasm_section *s)
{
    m->bodies = calloc(s->count ? s->count : 1, sizeof *m->bodies);
    if (!m->bodies)
        return error_no_memory(c->err);
    for (uint32_t i = 0; i < s->count; i++, m->body_count++) {
        struct wasm_body *body = &m->bodies[i];
        uint32_t size;
        body->start = (uint32_t)cursor_offset(c);
        if (!cursor_leb_u32(c, "function body", &size))
            return false;
        body->code = (uint32_t)cursor_offset(c);
        if (!cursor_skip(c, size, "function body"))
            return false;
        body->end = (uint32_t)cursor_offset(c);
    }
    return true;
}

/* Data segments: flags bit 0 passive, bit 1 an explicit memory. */
static bool read_data(struct cursor *c, struct wasm_module *m, struct wasm_section *s)
{
    for (uint32_t i = 0; i < s->count; i++) {
        uint64_t at = cursor_offset(c);
        uint32_t flags, memory = 0;
        const char *bytes;
        uint32_t size;
        if (!cursor_leb_u32(c, "data segment", &flags))
            return false;
        if (flags > 2)
            return error_at(c->err, ERROR_INPUT, at, "unknown data segment flags 0x%x", flags);
        if (flags == 2 && !cursor_leb_u32(c, "data segment", &memory))
            return false;
        if (flags != 1 && memory >= m->memory_count)
            return error_at(c->err, ERROR_INPUT, at, "unknown memory %u", memory);
        if ((flags != 1 && !wasm_check_const(m, c)) || !cursor_name(c, "data segment", &bytes, &size))
            return false;
    }
    return true;
}

/* How each section is read, where it stands among the others, and the least bytes of one item. */
static const struct section_kind {
    const char *name;
    read_items *read;
    uint8_t order;
    uint8_t least;
} section_kinds[WASM_SECTION_IDS] = {
    [WASM_SECTION_TYPE] = {"type section", read_types, 1, 2},
    [WASM_SECTION_IMPORT] = {"import section", read_imports, 2, 4},
    [WASM_SECTION_FUNCTION] = {"function section", read_functions, 3, 1},
    [WASM_SECTION_TABLE] = {"table section", read_tables, 4, 3},
    [WASM_SECTION_MEMORY] = {"memory section", read_memories, 5, 2},
    [WASM_SECTION_TAG] = {"tag section", read_tags, 6, 2},
    [WASM_SECTION_GLOBAL] = {"global section", read_globals, 7, 3},
    [WASM_SECTION_EXPORT] = {"export section", read_exports, 8, 3},
    [WASM_SECTION_START] = {"start section", read_start, 9, 0},
    [WASM_SECTION_ELEMENT] = {"element section", read_elements, 10, 2},
    [WASM_SECTION_DATA_COUNT] = {"data count section", NULL, 11, 0},
    [WASM_SECTION_CODE] = {"code section", read_code, 12, 1},
    [WASM_SECTION_DATA] = {"data section", read_data, 13, 2},
};

static bool read_known_section(struct cursor *c, struct wasm_module *m, struct wasm_section *s)
{
    const struct section_kind *kind = &section_kinds[s->id];
    bool ok =
        kind->least ? cursor_count(c, kind->name, kind->least, &s->count) : cursor_leb_u32(c, kind->name, &s->count);
    if (!ok)
        return false;
    s->items = c->at;
    if (kind->read && !kind->read(c, m, s))
        return false;
    if (c->at != c->end)
        return error_at(c->err, ERROR_INPUT, cursor_offset(c), "%s is longer than its content", kind->name);
    return true;
}

static bool read_section(struct cursor *c, struct wasm_module *m, unsigned *order)
{
    struct wasm_section s = {.start = c->at};
    uint64_t at = cursor_offset(c);
    uint32_t size;
    struct cursor content;
    if (!cursor_u8(c, "section", &s.id) || !cursor_leb_u32(c, "section size", &size))
        return false;
    if (s.id >= WASM_SECTION_IDS)
        return error_at(c->err, ERROR_INPUT, at, "unknown section id %u", s.id);
    if (!cursor_split(c, size, s.id ? section_kinds[s.id].name : "custom section", &content))
        return false;
    s.content = s.items = content.at;
    s.end = content.end;
    if (s.id == WASM_SECTION_CUSTOM) {
        if (!cursor_name(&content, "custom section's name", &s.name.bytes, &s.name.size))
            return false;
        if (!clean_is_utf8(s.name.bytes, s.name.size)) /* as a section that is left out, it would no longer tell */
            return error_at(c->err, ERROR_INPUT, cursor_offset(&content) - s.name.size,
                            "custom section's name is not UTF-8");
        s.items = content.at;
    } else {
        if (section_kinds[s.id].order <= *order)
            return error_at(c->err, ERROR_INPUT, at, "%s is out of order", section_kinds[s.id].name);
        *order = section_kinds[s.id].order;
        if (!read_known_section(&content, m, &s))
            return false;
    }
    if (!vec_room((void **)&m->sections, &m->section_capacity, m->section_count, sizeof *m->sections))
        return error_no_memory(c->err);
    m->sections[m->section_count++] = s;
    return true;
}

static bool read_header(struct cursor *c)
{
    uint32_t magic, version;
    if (cursor_left(c) == 0)
        return error_at(c->err, ERROR_INPUT, 0, "the file is empty");
    if (cursor_left(c) < 4 || memcmp(c->at, "\0asm", 4) != 0)
        return error_at(c->err, ERROR_INPUT, 0, "not a WebAssembly binary: it does not start with \\0asm");
    if (!cursor_u32_fixed(c, "header", &magic) || !cursor_u32_fixed(c, "version", &version))
        return false;
    if (version >> 16 == 1)
        return error_at(c->err, ERROR_UNSUPPORTED, 4,
                        "this is a WebAssembly component; only core modules can be instrumented");
    if (version != 1)
        return error_at(c->err, ERROR_UNSUPPORTED, 4, "unknown WebAssembly version %u", version);
    return true;
}

/* A file that was cut off in front of its data is told by this. */
static bool check_data_count(const struct wasm_module *m, struct error *err)
{
    const struct wasm_section *said = m->by_id[WASM_SECTION_DATA_COUNT], *data = m->by_id[WASM_SECTION_DATA];
    uint32_t count = data ? data->count : 0;
    if (!said || said->count == count)
        return true;
    return error_at(err, ERROR_INPUT, (uint64_t)(said->content - m->bytes), "%u data segments announced, %u found",
                    said->count, count);
}

bool wasm_module_read(struct wasm_module *m, const uint8_t *bytes, size_t size, struct error *err)
{
    *m = (struct wasm_module){.bytes = bytes, .size = size};
    if (size > UINT32_MAX)
        return error_set(err, ERROR_LIMIT, "the module is larger than 4 GiB");
    struct cursor c = cursor_over(bytes, size, err);
    unsigned order = 0;
    if (!read_header(&c))
        return false;
    while (c.at < c.end)
        if (!read_section(&c, m, &order))
            return false;
    for (size_t i = 0; i < m->section_count; i++)
        if (m->sections[i].id != WASM_SECTION_CUSTOM)
            m->by_id[m->sections[i].id] = &m->sections[i];
    if (m->func_count - m->func_imports != m->body_count)
        return error_at(err, ERROR_INPUT, size, "%zu functions but %zu bodies", m->func_count - m->func_imports,
                        m->body_count);
    return check_data_count(m, err);
}

void wasm_module_release(struct wasm_module *m)
{
    free(m->sections);
    free(m->types);
    free(m->imports);
    free(m->func_types);
    free(m->memories);
    free(m->exports);
    free(m->bodies);
    free(m->declared);
    *m = (struct wasm_module){0};
}

bool wasm_name_is(struct wasm_name name, const char *text)
{
    return name.size == strlen(text) && memcmp(name.bytes, text, name.size) == 0;
}

const struct wasm_export *wasm_module_export(const struct wasm_module *m, const char *name)
{
    for (size_t i = 0; i < m->export_count; i++)
        if (wasm_name_is(m->exports[i].name, name))
            return &m->exports[i];
    return NULL;
}

const struct wasm_section *wasm_module_custom(const struct wasm_module *m, const char *name)
{
    for (size_t i = 0; i < m->section_count; i++)
        if (m->sections[i].id == WASM_SECTION_CUSTOM && wasm_name_is(m->sections[i].name, name))
            return &m->sections[i];
    return NULL;
}

const struct wasm_import *wasm_module_import_func(const struct wasm_module *m, uint32_t func)
{
    for (size_t i = 0; i < m->import_count; i++)
        if (m->imports[i].kind == WASM_EXTERN_FUNC && func-- == 0)
            return &m->imports[i];
    return NULL;
}
