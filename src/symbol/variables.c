#include "symbol/variables.h"

#include "base/vec.h"
#include "symbol/demangle.h"
#include "symbol/fields.h"

#include <dwarf.h>
#include <stdlib.h>
#include <string.h>

enum { DEPTH_MAX = 64, VARIABLES_MAX = 1 << 20, NAME_MAX_SIZE = 4096 };
static const uint64_t address_limit = UINT64_C(1) << 44;

struct walk {
    struct symbol_variables *out, *frames;
    Dwarf_Off last; /* entries stand in the order in which they are met: a chain that leads back is broken */
    bool no_memory;
};

static const char *string_of(Dwarf_Die *die, unsigned name)
{
    Dwarf_Attribute attribute;
    return dwarf_formstring(dwarf_attr_integrate(die, name, &attribute));
}

/* The name as it is in the debug information; NULL: none, as string literals have none. */
static const char *plain_name(Dwarf_Die *die)
{
    const char *name = string_of(die, DW_AT_linkage_name);
    if (!name)
        name = string_of(die, DW_AT_name);
    return name && *name && strlen(name) <= NAME_MAX_SIZE ? name : NULL;
}

/* In words, with its namespaces if it is mangled; to be freed.  NULL when memory is short. */
static char *in_words(const char *name)
{
    struct buf words;
    buf_init(&words, SIZE_MAX / 2);
    size_t size;
    if (demangle_put(&words, name, strlen(name)) && buf_put_u8(&words, '\0'))
        return (char *)buf_detach(&words, &size);
    buf_release(&words);
    return NULL;
}

static uint64_t size_of(Dwarf_Die *die)
{
    Dwarf_Attribute attribute;
    Dwarf_Die type;
    Dwarf_Word size = 0;
    if (!dwarf_formref_die(dwarf_attr_integrate(die, DW_AT_type, &attribute), &type) ||
        dwarf_aggregate_size(&type, &size) != 0)
        return 0;
    return size < address_limit ? size : 0;
}

/* A variable whose location is one address.  What the linker dropped has 0, or one near the top. */
static bool has_address(Dwarf_Die *die, uint64_t *address)
{
    Dwarf_Attribute attribute;
    Dwarf_Op *ops;
    size_t count;
    if (!dwarf_attr(die, DW_AT_location, &attribute) || dwarf_getlocation(&attribute, &ops, &count) != 0 ||
        count != 1 || ops[0].atom != DW_OP_addr)
        return false;
    *address = ops[0].number;
    return *address != 0 && *address < address_limit && (uint32_t)*address < UINT32_MAX - 1;
}

/* Where the code of a function begins whose frame's variables count from what a local holds: the stack pointer, as clang
 * and rustc keep it.  0: they do not. */
static uint64_t frame_code(Dwarf_Die *function)
{
    enum { OP_WASM_LOCATION = 0xED, IN_LOCAL = 0 }; /* libdw does not know the operator */
    Dwarf_Attribute attribute;
    Dwarf_Block block;
    Dwarf_Addr code;
    if (!dwarf_attr(function, DW_AT_frame_base, &attribute) || dwarf_formblock(&attribute, &block) != 0 ||
        block.length < 3 || block.data[0] != OP_WASM_LOCATION || block.data[1] != IN_LOCAL)
        return 0;
    return dwarf_lowpc(function, &code) == 0 ? code : 0;
}

static bool has_place(Dwarf_Die *die, uint64_t *offset)
{
    Dwarf_Attribute attribute;
    Dwarf_Op *ops;
    size_t count;
    if (!dwarf_attr(die, DW_AT_location, &attribute) || dwarf_getlocation(&attribute, &ops, &count) != 0 ||
        count != 1 || ops[0].atom != DW_OP_fbreg)
        return false;
    *offset = ops[0].number;
    return *offset < UINT32_MAX;
}

/* code: of the function that it stands in, or 0. */
static void add(struct walk *w, Dwarf_Die *die, uint64_t code)
{
    uint64_t address;
    const char *plain = plain_name(die);
    bool fixed = plain && has_address(die, &address);
    struct symbol_variables *v = fixed ? w->out : w->frames;
    if (!plain || v->count >= VARIABLES_MAX || !(fixed || (code && has_place(die, &address))))
        return;
    char *name = vec_room((void **)&v->items, &v->capacity, v->count, sizeof *v->items) ? in_words(plain) : NULL;
    if (!name) {
        w->no_memory = true;
        return;
    }
    v->items[v->count] = (struct symbol_variable){.address = address,
                                                  .size = size_of(die),
                                                  .name = name,
                                                  .code = fixed ? 0 : code,
                                                  .whole = v->count,
                                                  .same = v->count};
    v->count++;
    w->no_memory = !fields_add(v, die);
}

static void walk_children(struct walk *w, Dwarf_Die *parent, uint64_t code, unsigned depth)
{
    Dwarf_Die die;
    int result = depth < DEPTH_MAX ? dwarf_child(parent, &die) : -1;
    while (result == 0 && !w->no_memory) {
        Dwarf_Off offset = dwarf_dieoffset(&die);
        if (offset <= w->last)
            return;
        w->last = offset;
        switch (dwarf_tag(&die)) {
        case DW_TAG_variable:
        case DW_TAG_formal_parameter:
            add(w, &die, code);
            break;
        case DW_TAG_subprogram:
            walk_children(w, &die, frame_code(&die), depth + 1);
            break;
        case DW_TAG_inlined_subroutine:
        case DW_TAG_lexical_block:
        case DW_TAG_namespace:
        case DW_TAG_module:
            walk_children(w, &die, code, depth + 1);
            break;
        default:
            break;
        }
        result = dwarf_siblingof(&die, &die);
    }
}

bool variables_read(struct symbol_variables *v, struct symbol_variables *frames, Dwarf *dwarf, struct error *err)
{
    Dwarf_Off offset = 0, next;
    size_t header;
    while (dwarf && dwarf_nextcu(dwarf, offset, &next, &header, NULL, NULL, NULL) == 0) {
        Dwarf_Die unit;
        struct walk w = {.out = v, .frames = frames, .last = offset};
        if (dwarf_offdie(dwarf, offset + header, &unit))
            walk_children(&w, &unit, 0, 0);
        if (w.no_memory)
            return error_no_memory(err);
        if (next <= offset)
            break;
        offset = next;
    }
    return true;
}

void symbol_variables_release(struct symbol_variables *v)
{
    for (size_t i = 0; i < v->count; i++) {
        free(v->items[i].name);
        free(v->items[i].field);
    }
    free(v->items);
    *v = (struct symbol_variables){0};
}
