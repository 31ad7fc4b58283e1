#include "symbol/variables.h"

#include "base/cursor.h"
#include "base/vec.h"
#include "symbol/demangle.h"
#include "symbol/dwarf_children.h"
#include "symbol/fields.h"
#include "symbol/place.h"
#include "symbol/type.h"

#include <dwarf.h>
#include <stdlib.h>
#include <string.h>

enum { VARIABLES_MAX = 1 << 20, NAME_MAX_SIZE = 4096 };

struct walk {
    struct symbol_variables *out, *frames;
    struct place place;
    Dwarf_Off last; /* see dwarf_children.h */
    const struct symbol_data *data;
    size_t of_threads; /* variables of which each thread has its own */
    const char *fault;
    bool no_memory;
};

/* The frame of a function whose variables have a fixed place in it. */
struct frame {
    uint64_t code; /* where the function begins; 0: there is none */
    uint32_t base; /* as in symbol_variable */
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

static uint64_t size_of(struct walk *w, Dwarf_Die *die)
{
    Dwarf_Die type;
    const uint64_t size = type_of(die, &type) ? type_size(&type) : 0;
    if (!size && type_is_missing(die)) /* also that of an array's elements */
        w->fault = "the type of a variable cannot be found";
    return size;
}

/* The frame's variables count from what a local holds, or a global: the stack pointer, as clang and rustc keep it (DW_OP_WASM_location,
 * "DWARF for WebAssembly"). */
static struct frame frame_of(Dwarf_Die *function)
{
    enum {
        OP_WASM_LOCATION = 0xED,
        IN_LOCAL = 0,
        IN_GLOBAL = 1,
        IN_GLOBAL_FIXED = 3
    }; /* libdw does not know the operator */
    Dwarf_Attribute attribute;
    Dwarf_Block block;
    struct error ignored = ERROR_INIT;
    Dwarf_Addr code;
    uint8_t operator, kind;
    uint32_t index = VARIABLE_BASE_GLOBAL;
    if (!dwarf_attr(function, DW_AT_frame_base, &attribute) || dwarf_formblock(&attribute, &block) != 0)
        return (struct frame){0};
    struct cursor c = cursor_over(block.data, block.length, &ignored);
    if (!cursor_u8(&c, "location", &operator) || operator!= OP_WASM_LOCATION || !cursor_u8(&c, "location", &kind) ||
        (kind != IN_LOCAL && kind != IN_GLOBAL && kind != IN_GLOBAL_FIXED) ||
        (kind == IN_LOCAL && !cursor_leb_u32(&c, "location", &index)) || dwarf_lowpc(function, &code) != 0)
        return (struct frame){0};
    return (struct frame){code, index};
}

/* One more item, a variable's piece; NULL when memory is short. */
static struct symbol_variable *add_piece(struct symbol_variables *v, const struct place_piece *p)
{
    if (!vec_room((void **)&v->items, &v->capacity, v->count, sizeof *v->items))
        return NULL;
    v->items[v->count] = (struct symbol_variable){.address = p->address, .size = p->size};
    return &v->items[v->count++];
}

static bool add_placed(struct walk *w, Dwarf_Die *die, const char *plain, uint64_t size, const struct frame *frame)
{
    struct symbol_variables *v = w->place.in_frame ? w->frames : w->out;
    const size_t whole = v->count;
    if (whole >= VARIABLES_MAX) {
        w->fault = "there are too many variables";
        return true;
    }
    for (unsigned i = 0; i < w->place.count; i++) {
        struct symbol_variable *item = add_piece(v, &w->place.pieces[i]);
        if (!item)
            return false;
        item->whole = item->same = whole;
        if (i == 0) {
            item->total = size;
            item->code = w->place.in_frame ? frame->code : 0;
            item->base = frame->base;
            item->name = in_words(plain);
        }
    }
    return v->items[whole].name && fields_add(v, whole, die, &w->place, &w->fault);
}

/* frame: of the function that it stands in, if any. */
static void add(struct walk *w, Dwarf_Die *die, const struct frame *frame)
{
    const char *plain = plain_name(die);
    if (!plain)
        return;
    const uint64_t size = dwarf_hasattr(die, DW_AT_location) ? size_of(w, die) : 0;
    enum place_result result = place_read(&w->place, die, size, w->data);
    if (result == PLACE_OF_THREAD)
        w->of_threads++;
    if (result == PLACE_BROKEN)
        w->fault = "the place of a variable cannot be read";
    if (result == PLACE_FOUND && (!w->place.in_frame || frame->code))
        w->no_memory = !add_placed(w, die, plain, size, frame);
}

static void walk_children(struct walk *w, Dwarf_Die *parent, const struct frame *frame, unsigned depth)
{
    struct dwarf_children c = {.parent = parent, .depth = depth, .last = &w->last};
    struct frame own;
    while (!w->no_memory && dwarf_children_next(&c))
        switch (dwarf_tag(&c.die)) {
        case DW_TAG_variable:
        case DW_TAG_formal_parameter:
            add(w, &c.die, frame);
            break;
        case DW_TAG_subprogram:
            own = frame_of(&c.die);
            walk_children(w, &c.die, &own, depth + 1);
            break;
        case DW_TAG_inlined_subroutine:
        case DW_TAG_lexical_block:
        case DW_TAG_namespace:
        case DW_TAG_module:
            walk_children(w, &c.die, frame, depth + 1);
            break;
        default:
            break;
        }
    if (c.is_broken)
        w->fault = "a unit's entries cannot be read";
}

bool variables_read(struct symbol_variables *v, struct symbol_variables *frames, Dwarf_Die *unit,
                    const struct symbol_data *data, size_t *of_threads, const char **fault, struct error *err)
{
    const struct frame none = {0};
    struct walk w = {.out = v, .frames = frames, .data = data, .last = dwarf_dieoffset(unit)};
    walk_children(&w, unit, &none, 0);
    if (w.fault)
        *fault = w.fault;
    *of_threads += w.of_threads;
    return !w.no_memory || error_no_memory(err);
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
