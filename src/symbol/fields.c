#include "symbol/fields.h"

#include "base/buf.h"
#include "base/order.h"
#include "base/vec.h"
#include "symbol/type.h"

#include <dwarf.h>
#include <stdlib.h>
#include <string.h>

enum {
    UNIT = 4,             /* bytes that the map of objects tells apart */
    DEPTH_MAX = 16,       /* of structures in structures */
    PIECES_MAX = 1 << 14, /* of one variable */
    ALL_MAX = 1 << 20,    /* of all variables */
    INDEXED_MAX = 16,     /* elements that have names of their own */
    PATH_MAX_SIZE = 512,
    TYPES_MAX = 1 << 16,
};

/* A part that is not taken apart further: at first by its place in the variable, then by its address. */
struct leaf {
    uint64_t at, size;
    size_t name; /* in the names; the same in the other elements of an array */
};

struct leaves {
    struct leaf *items;
    size_t count, capacity;
};

struct fields {
    struct leaves leaves;
    char **names;
    size_t name_count, name_capacity;
    size_t room;     /* for leaves */
    uint64_t size;   /* of the variable */
    uint64_t origin; /* where its first byte would be */
    struct buf path;
    unsigned types; /* looked at: broken structures may contain themselves, more than once */
    bool type_missing, no_memory;
};

static void add_type(struct fields *f, Dwarf_Die *type, uint64_t at, unsigned depth);

static bool is_full(const struct fields *f)
{
    return f->leaves.count >= f->room;
}

static void add_leaf(struct leaves *l, struct leaf leaf, bool *no_memory)
{
    if (vec_room((void **)&l->items, &l->capacity, l->count, sizeof *l->items))
        l->items[l->count++] = leaf;
    else
        *no_memory = true;
}

static void add_field(struct fields *f, uint64_t at, uint64_t size)
{
    if (!size || at >= f->size || size > f->size - at)
        return;
    char *name = vec_room((void **)&f->names, &f->name_capacity, f->name_count, sizeof *f->names)
                     ? strndup(f->path.size ? (const char *)f->path.data : "", f->path.size)
                     : NULL;
    if (!name) {
        f->no_memory = true;
        return;
    }
    f->names[f->name_count] = name;
    add_leaf(&f->leaves, (struct leaf){at, size, f->name_count++}, &f->no_memory);
}

/* Where a member lies in its structure, and, of a bit field, which bytes it touches. */
struct member {
    Dwarf_Die die;
    uint64_t offset, bit_bytes;
    size_t order;
};

/* False where it is none that has a place. */
static bool find_offset(Dwarf_Die *die, struct member *m)
{
    Dwarf_Attribute attribute;
    Dwarf_Word value, bits = 0;
    m->offset = m->bit_bytes = 0;
    if (dwarf_attr(die, DW_AT_bit_size, &attribute) && (dwarf_formudata(&attribute, &bits) != 0 || bits > 1024))
        return false;
    if (dwarf_hasattr(die, DW_AT_external) || dwarf_hasattr(die, DW_AT_const_value))
        return false;
    if (dwarf_attr(die, DW_AT_data_bit_offset, &attribute)) {
        if (dwarf_formudata(&attribute, &value) != 0)
            return false;
        m->offset = value / 8;
        m->bit_bytes = (value % 8 + bits + 7) / 8;
        return true;
    }
    if (!dwarf_attr(die, DW_AT_data_member_location, &attribute))
        return true;
    if (dwarf_formudata(&attribute, &value) != 0) /* an expression: virtual bases */
        return false;
    m->offset = value;
    return true;
}

static int compare_members(const void *left, const void *right)
{
    const struct member *a = left, *b = right;
    int order = compare_u64(a->offset, b->offset);
    return order ? order : compare_u64(a->order, b->order);
}

/* A union without a name is called by its members. */
static void put_member_names(struct fields *f, Dwarf_Die *type)
{
    Dwarf_Die die;
    unsigned count = 0;
    if (dwarf_tag(type) != DW_TAG_union_type)
        return;
    for (int result = dwarf_child(type, &die); result == 0 && f->path.size < PATH_MAX_SIZE;
         result = dwarf_siblingof(&die, &die)) {
        const char *name = dwarf_tag(&die) == DW_TAG_member ? dwarf_diename(&die) : NULL;
        if (name && *name)
            buf_printf(&f->path, "%s.%.100s", count++ ? ", " : "", name);
    }
}

static void add_member(struct fields *f, struct member *m, uint64_t at, unsigned depth)
{
    Dwarf_Die type;
    const size_t before = f->path.size;
    const char *name = dwarf_diename(&m->die);
    if (before > PATH_MAX_SIZE)
        return;
    if (!type_of(&m->die, &type)) {
        f->type_missing |= type_is_missing(&m->die);
        return;
    }
    if (name && *name)
        buf_printf(&f->path, ".%.100s", name);
    else
        put_member_names(f, &type);
    if (m->bit_bytes)
        add_field(f, at + m->offset, m->bit_bytes);
    else
        add_type(f, &type, at + m->offset, depth + 1);
    f->path.size = before;
}

/* Rust's enums have parts that depend on what they hold: they are not taken apart. */
static bool has_variants(Dwarf_Die *type)
{
    Dwarf_Die die;
    for (int result = dwarf_child(type, &die); result == 0; result = dwarf_siblingof(&die, &die))
        if (dwarf_tag(&die) == DW_TAG_variant_part)
            return true;
    return false;
}

/* By their places, which need not be the order in which they are described: rustc moves members, and what clang puts in front of
 * a C++ class's bases (a pointer to virtual functions) comes behind them. */
static void add_members(struct fields *f, Dwarf_Die *type, uint64_t at, unsigned depth)
{
    struct member *members = NULL;
    size_t count = 0, capacity = 0;
    Dwarf_Die die;
    for (int result = dwarf_child(type, &die); result == 0 && count < PIECES_MAX;
         result = dwarf_siblingof(&die, &die)) {
        struct member m = {.die = die, .order = count};
        if ((dwarf_tag(&die) != DW_TAG_member && dwarf_tag(&die) != DW_TAG_inheritance) || !find_offset(&die, &m))
            continue;
        if (!vec_room((void **)&members, &capacity, count, sizeof *members)) {
            f->no_memory = true;
            break;
        }
        members[count++] = m;
    }
    if (count)
        qsort(members, count, sizeof *members, compare_members);
    for (size_t i = 0; i < count && !f->no_memory && !is_full(f); i++)
        add_member(f, &members[i], at, depth);
    free(members);
}

/* An array of structures, with a dimension for each index, whether the debug information has one array of several dimensions (C) or arrays of
 * arrays (Rust, Go, Zig). */
struct array {
    Dwarf_Die element;
    uint64_t lengths[TYPE_DIMENSIONS_MAX];
    unsigned dimensions;
};

/* False where the elements are no structures, or there is no saying where they are. */
static bool read_array(const Dwarf_Die *type, struct array *a)
{
    a->element = *type;
    a->dimensions = 0;
    while (dwarf_tag(&a->element) == DW_TAG_array_type) {
        uint64_t lengths[TYPE_DIMENSIONS_MAX];
        Dwarf_Die array = a->element;
        const unsigned count = type_dimensions(&array, lengths);
        if (!count || count > TYPE_DIMENSIONS_MAX - a->dimensions || !type_of(&array, &a->element))
            return false;
        memcpy(a->lengths + a->dimensions, lengths, count * sizeof *lengths);
        a->dimensions += count;
    }
    return type_is_structure(&a->element);
}

/* `size`: of all elements of the dimension.  False where they are not to be taken apart. */
static bool add_elements(struct fields *f, struct array *a, unsigned dimension, uint64_t at, uint64_t size,
                         unsigned depth)
{
    const size_t first = f->leaves.count, before = f->path.size;
    const uint64_t count = a->lengths[dimension], stride = count ? size / count : 0;
    if (!stride || stride % UNIT || (f->origin + at) % UNIT || size % count)
        return false;
    const bool indexed = count <= INDEXED_MAX, is_last = dimension + 1 == a->dimensions;
    for (uint64_t i = 0; i < (indexed ? count : 1) && !f->no_memory && !is_full(f); i++) {
        if (indexed)
            buf_printf(&f->path, "[%u]", (unsigned)i);
        else
            buf_put_text(&f->path, "[]");
        if (is_last)
            add_type(f, &a->element, at + i * stride, depth + 1);
        else
            add_elements(f, a, dimension + 1, at + i * stride, stride, depth);
        f->path.size = before;
    }
    const size_t end = f->leaves.count;
    for (uint64_t i = 1; i < count && !indexed && !f->no_memory && !is_full(f); i++)
        for (size_t k = first; k < end; k++) {
            struct leaf next = f->leaves.items[k];
            next.at += i * stride;
            add_leaf(&f->leaves, next, &f->no_memory);
        }
    if (is_full(f))
        f->leaves.count = first;
    return f->leaves.count > first;
}

static void add_type(struct fields *f, Dwarf_Die *type, uint64_t at, unsigned depth)
{
    Dwarf_Die element, child;
    struct array array;
    const int tag = dwarf_tag(type);
    if (++f->types > TYPES_MAX || f->no_memory)
        return;
    if (tag == DW_TAG_array_type && !type_of(type, &element)) {
        f->type_missing |= type_is_missing(type);
        return;
    }
    const uint64_t size = type_size(type);
    if (depth && size <= 1 && type_is_structure(type) && dwarf_child(type, &child) == 1) /* it holds nothing */
        return;
    if (depth < DEPTH_MAX && type_is_structure(type) && !has_variants(type)) {
        const size_t before = f->leaves.count;
        add_members(f, type, at, depth);
        if (f->leaves.count > before)
            return;
    }
    if (depth < DEPTH_MAX && tag == DW_TAG_array_type && read_array(type, &array) &&
        add_elements(f, &array, 0, at, size, depth))
        return;
    add_field(f, at, size);
}

/* From places in the variable to addresses; what is in no memory is left out. */
static void put_in_place(struct fields *f, const struct place *place, struct leaves *out)
{
    for (size_t i = 0; i < f->leaves.count && !f->no_memory; i++)
        for (unsigned k = 0; k < place->count; k++) {
            const struct leaf *l = &f->leaves.items[i];
            const struct place_piece *p = &place->pieces[k];
            uint64_t from = l->at > p->at ? l->at : p->at;
            uint64_t l_end = l->at + l->size, p_end = p->at + p->size, end = l_end < p_end ? l_end : p_end;
            if (from < end)
                add_leaf(out, (struct leaf){p->address + (from - p->at), end - from, l->name}, &f->no_memory);
        }
}

static int compare_leaves(const void *left, const void *right)
{
    const struct leaf *a = left, *b = right;
    int order = compare_u64(a->at, b->at);
    return order ? order : compare_u64(a->name, b->name);
}

/* How many leaves from the first on share a unit with the one before. */
static size_t joined(const struct leaves *l, size_t first, uint64_t *end)
{
    size_t next = first;
    for (*end = 0; next < l->count; next++) {
        const struct leaf *at = &l->items[next];
        if (next > first && at->at / UNIT > (*end - 1) / UNIT)
            break;
        if (at->at + at->size > *end)
            *end = at->at + at->size;
    }
    return next - first;
}

/* The names of leaves that are one field; to be freed. */
static char *join_names(const struct fields *f, const struct leaf *first, size_t count)
{
    struct buf name;
    size_t size;
    buf_init(&name, SIZE_MAX / 2);
    for (size_t i = 0; i < count && name.size < PATH_MAX_SIZE; i++)
        buf_printf(&name, "%s%s", i ? ", " : "", f->names[first[i].name]);
    if (buf_put_u8(&name, '\0'))
        return (char *)buf_detach(&name, &size);
    buf_release(&name);
    return NULL;
}

/* A field that is known already, by its first name and their number, is one more piece of that. */
struct known {
    size_t item, count; /* count 0: none yet */
};

static bool put_field(struct fields *f, struct symbol_variables *v, size_t whole, const struct leaf *first,
                      size_t count, uint64_t end, struct known *known)
{
    struct known *k = &known[first->name];
    if (!vec_room((void **)&v->items, &v->capacity, v->count, sizeof *v->items))
        return false;
    const bool more = k->count == count;
    char *name = more ? NULL : join_names(f, first, count);
    if (!more && !name)
        return false;
    if (!more)
        *k = (struct known){v->count, count};
    v->items[v->count++] = (struct symbol_variable){
        .address = first->at, .size = end - first->at, .field = name, .whole = whole, .same = k->item};
    return true;
}

/* Forgets the fields from there on. */
static void take_back(struct symbol_variables *v, size_t from)
{
    while (v->count > from)
        free(v->items[--v->count].field);
}

static bool put_fields(struct fields *f, struct symbol_variables *v, size_t whole, const struct place *place)
{
    struct leaves placed = {0};
    const size_t before = v->count;
    struct known *known = calloc(f->name_count + 1, sizeof *known);
    put_in_place(f, place, &placed);
    if (placed.count)
        qsort(placed.items, placed.count, sizeof *placed.items, compare_leaves);
    bool ok = known && !f->no_memory;
    for (size_t i = 0; ok && i < placed.count;) {
        uint64_t end;
        size_t count = joined(&placed, i, &end);
        ok = put_field(f, v, whole, &placed.items[i], count, end, known);
        i += count;
    }
    if (v->count - before <= 1 && v->items[whole].total == v->items[whole].size) /* it is the variable itself */
        take_back(v, before);
    free(placed.items);
    free(known);
    return ok;
}

bool fields_add(struct symbol_variables *v, size_t variable, Dwarf_Die *die, const struct place *place,
                const char **fault)
{
    Dwarf_Die type;
    struct fields f = {.size = v->items[variable].total, .origin = place->pieces[0].address - place->pieces[0].at};
    if (!f.size || v->count >= ALL_MAX || !type_of(die, &type))
        return true;
    f.room = ALL_MAX - v->count < PIECES_MAX ? ALL_MAX - v->count : PIECES_MAX;
    buf_init(&f.path, SIZE_MAX / 2);
    if (type_is_structure(&type) || dwarf_tag(&type) == DW_TAG_array_type)
        add_type(&f, &type, 0, 0);
    bool ok = !f.no_memory && !f.path.failed && (is_full(&f) || put_fields(&f, v, variable, place));
    if (f.type_missing)
        *fault = "the type of a field cannot be found";
    for (size_t i = 0; i < f.name_count; i++)
        free(f.names[i]);
    free(f.names);
    free(f.leaves.items);
    buf_release(&f.path);
    return ok;
}
