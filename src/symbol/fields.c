#include "symbol/fields.h"

#include "base/buf.h"
#include "base/vec.h"

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
    PEELS_MAX = 64,
};

struct fields {
    struct symbol_variables *v;
    size_t whole; /* the variable's place */
    uint64_t end; /* of the variable */
    struct buf path;
    unsigned types; /* looked at: broken structures may contain themselves, more than once */
    size_t added;   /* fields, those that joined others as well */
    bool no_memory;
};

static void add_type(struct fields *f, Dwarf_Die *type, uint64_t address, unsigned depth);

static bool is_structure(Dwarf_Die *type)
{
    int tag = dwarf_tag(type);
    return tag == DW_TAG_structure_type || tag == DW_TAG_class_type;
}

static bool is_name(int tag)
{
    return tag == DW_TAG_typedef || tag == DW_TAG_const_type || tag == DW_TAG_volatile_type ||
           tag == DW_TAG_atomic_type || tag == DW_TAG_restrict_type;
}

/* The type of a die, without names and qualifiers.  Not by dwarf_peel_type, which would follow a circle for ever. */
static bool peel(Dwarf_Die *die, Dwarf_Die *type)
{
    Dwarf_Attribute attribute;
    *type = *die;
    for (unsigned i = 0; i < PEELS_MAX; i++) {
        Dwarf_Die from = *type;
        if (!dwarf_formref_die(dwarf_attr_integrate(&from, DW_AT_type, &attribute), type))
            return false;
        if (!is_name(dwarf_tag(type)))
            return true;
    }
    return false;
}

static uint64_t size_of(Dwarf_Die *type)
{
    Dwarf_Word size = 0;
    return dwarf_aggregate_size(type, &size) == 0 ? size : 0;
}

static bool is_full(const struct fields *f)
{
    return f->v->count - f->whole > PIECES_MAX || f->v->count >= ALL_MAX;
}

/* Forgets the fields from there on. */
static void take_back(struct fields *f, size_t from)
{
    while (f->v->count > from)
        free(f->v->items[--f->v->count].field);
}

/* The path so far, behind an earlier one if there is one. */
static char *field_name(struct fields *f, const char *before)
{
    struct buf name;
    size_t size;
    buf_init(&name, SIZE_MAX / 2);
    if (before)
        buf_printf(&name, "%s, ", before);
    buf_put(&name, f->path.data, f->path.size);
    if (buf_put_u8(&name, '\0'))
        return (char *)buf_detach(&name, &size);
    buf_release(&name);
    return NULL;
}

static void add_field(struct fields *f, uint64_t address, uint64_t size)
{
    struct symbol_variables *v = f->v;
    struct symbol_variable *last = &v->items[v->count - 1];
    if (!size || address >= f->end || size > f->end - address)
        return;
    bool joins = v->count - 1 > f->whole && address / UNIT <= (last->address + last->size - 1) / UNIT;
    if (joins && (last->same != v->count - 1 || strlen(last->field) > PATH_MAX_SIZE))
        return;
    f->added++;
    if (!joins && !vec_room((void **)&v->items, &v->capacity, v->count, sizeof *v->items)) {
        f->no_memory = true;
        return;
    }
    last = &v->items[v->count - 1];
    char *name = field_name(f, joins ? last->field : NULL);
    if (!name) {
        f->no_memory = true;
    } else if (joins) {
        free(last->field);
        last->field = name;
        if (address + size > last->address + last->size)
            last->size = address + size - last->address;
    } else {
        v->items[v->count] = (struct symbol_variable){
            .address = address, .size = size, .field = name, .whole = f->whole, .same = v->count};
        v->count++;
    }
}

/* Where a member lies in its structure, and, of a bit field, which bytes it touches; false where it is none that has a place. */
static bool find_offset(Dwarf_Die *member, uint64_t *offset, uint64_t *bit_bytes)
{
    Dwarf_Attribute attribute;
    Dwarf_Word value, bits = 0;
    *offset = *bit_bytes = 0;
    if (dwarf_attr(member, DW_AT_bit_size, &attribute) && (dwarf_formudata(&attribute, &bits) != 0 || bits > 1024))
        return false;
    if (dwarf_attr(member, DW_AT_external, &attribute) || dwarf_attr(member, DW_AT_const_value, &attribute))
        return false;
    if (dwarf_attr(member, DW_AT_data_bit_offset, &attribute)) {
        if (dwarf_formudata(&attribute, &value) != 0)
            return false;
        *offset = value / 8;
        *bit_bytes = (value % 8 + bits + 7) / 8;
        return true;
    }
    if (!dwarf_attr(member, DW_AT_data_member_location, &attribute))
        return true;
    if (dwarf_formudata(&attribute, &value) != 0) /* an expression: virtual bases */
        return false;
    *offset = value;
    return true;
}

static void add_member(struct fields *f, Dwarf_Die *member, uint64_t address, unsigned depth)
{
    Dwarf_Die type;
    uint64_t offset, bit_bytes;
    const size_t before = f->path.size;
    const char *name = dwarf_diename(member);
    if (!find_offset(member, &offset, &bit_bytes) || !peel(member, &type) || before > PATH_MAX_SIZE)
        return;
    if (name && *name)
        buf_printf(&f->path, ".%.100s", name);
    if (bit_bytes)
        add_field(f, address + offset, bit_bytes);
    else
        add_type(f, &type, address + offset, depth + 1);
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

static void add_members(struct fields *f, Dwarf_Die *type, uint64_t address, unsigned depth)
{
    Dwarf_Die die;
    for (int result = dwarf_child(type, &die); result == 0 && !f->no_memory && !is_full(f);
         result = dwarf_siblingof(&die, &die))
        if (dwarf_tag(&die) == DW_TAG_member || dwarf_tag(&die) == DW_TAG_inheritance)
            add_member(f, &die, address, depth);
}

/* The pieces from `first` on are one element's: the others have the same. */
static void repeat(struct fields *f, size_t first, uint64_t stride, uint64_t count)
{
    const size_t end = f->v->count;
    for (uint64_t i = 1; i < count && !is_full(f); i++)
        for (size_t at = first; at < end; at++) {
            if (!vec_room((void **)&f->v->items, &f->v->capacity, f->v->count, sizeof *f->v->items)) {
                f->no_memory = true;
                return;
            }
            struct symbol_variable piece = f->v->items[at];
            piece.address += i * stride;
            piece.field = NULL;
            f->v->items[f->v->count++] = piece;
        }
}

/* False where the array is not to be taken apart. */
static bool add_elements(struct fields *f, Dwarf_Die *array, uint64_t address, uint64_t size, unsigned depth)
{
    Dwarf_Die element;
    const size_t first = f->v->count, before = f->path.size;
    uint64_t stride = peel(array, &element) && is_structure(&element) ? size_of(&element) : 0;
    if (!stride || stride % UNIT || address % UNIT || size % stride)
        return false;
    const uint64_t count = size / stride;
    if (count <= INDEXED_MAX) {
        for (uint64_t i = 0; i < count && !f->no_memory && !is_full(f); i++) {
            buf_printf(&f->path, "[%u]", (unsigned)i);
            add_type(f, &element, address + i * stride, depth + 1);
            f->path.size = before;
        }
    } else {
        buf_printf(&f->path, "[]");
        add_type(f, &element, address, depth + 1);
        f->path.size = before;
        repeat(f, first, stride, count);
    }
    if (is_full(f))
        take_back(f, first);
    return f->v->count > first;
}

static void add_type(struct fields *f, Dwarf_Die *type, uint64_t address, unsigned depth)
{
    Dwarf_Die element;
    bool is_array = dwarf_tag(type) == DW_TAG_array_type;
    if (++f->types > TYPES_MAX || (is_array && !peel(type, &element)))
        return;
    const uint64_t size = size_of(type);
    if (depth < DEPTH_MAX && is_structure(type) && !has_variants(type)) {
        const size_t before = f->added;
        add_members(f, type, address, depth);
        if (f->added > before)
            return;
    }
    if (depth < DEPTH_MAX && is_array && add_elements(f, type, address, size, depth))
        return;
    add_field(f, address, size);
}

bool fields_add(struct symbol_variables *v, Dwarf_Die *variable)
{
    Dwarf_Die type;
    const uint64_t address = v->items[v->count - 1].address, size = v->items[v->count - 1].size;
    struct fields f = {.v = v, .whole = v->count - 1, .end = address + size};
    if (!size || !peel(variable, &type))
        return true;
    buf_init(&f.path, SIZE_MAX / 2);
    if (is_structure(&type) || dwarf_tag(&type) == DW_TAG_array_type)
        add_type(&f, &type, address, 0);
    if (is_full(&f) || v->count - f.whole <= 2)
        take_back(&f, f.whole + 1);
    bool ok = !f.no_memory && !f.path.failed;
    buf_release(&f.path);
    return ok;
}
