#include "symbol/place.h"

#include "base/cursor.h"

#include <dwarf.h>
#include <string.h>

enum { STACK_MAX = 8, OP_WASM_LOCATION = 0xED }; /* libdw does not know the operator */
static const uint64_t address_limit = UINT64_C(1) << 44;

enum value_kind { VALUE_NUMBER, VALUE_ADDRESS, VALUE_FRAME, VALUE_OTHER };

struct value {
    enum value_kind kind;
    uint64_t number;
};

/* A location's evaluation, as far as that can be done without the program. */
struct state {
    struct place *place;
    struct value stack[STACK_MAX];
    unsigned depth;
    bool other;  /* the piece is no place in memory that we know of */
    uint64_t at; /* of the piece in the variable */
};

static void push(struct state *s, enum value_kind kind, uint64_t number)
{
    s->other |= s->depth == STACK_MAX || kind == VALUE_OTHER;
    if (!s->other)
        s->stack[s->depth++] = (struct value){kind, number};
}

/* What the linker dropped has 0, or an address near the top. */
static bool is_near_top(uint64_t address)
{
    return address >= address_limit || (uint32_t)address >= UINT32_MAX - 1;
}

static void push_address(struct state *s, uint64_t address)
{
    push(s, address == 0 || is_near_top(address) ? VALUE_OTHER : VALUE_ADDRESS, address);
}

static void add_number(struct state *s, uint64_t number)
{
    if (s->depth)
        s->stack[s->depth - 1].number += number;
    s->other |= !s->depth;
}

static void add_two(struct state *s)
{
    if (s->depth < 2 || (s->stack[s->depth - 1].kind && s->stack[s->depth - 2].kind)) {
        s->other = true;
        return;
    }
    struct value *under = &s->stack[s->depth - 2], *over = under + 1;
    *under = (struct value){under->kind ? under->kind : over->kind, under->number + over->number};
    s->depth--;
}

/* The variable's next bytes are where the expression so far says, if it says so. */
static void finish(struct state *s, uint64_t size)
{
    struct place *p = s->place;
    const struct value *v = s->depth ? &s->stack[s->depth - 1] : NULL;
    bool known = !s->other && v && v->kind != VALUE_NUMBER && v->number < address_limit;
    if (known && p->count < PLACE_PIECES_MAX && (!p->count || p->in_frame == (v->kind == VALUE_FRAME))) {
        p->in_frame = v->kind == VALUE_FRAME;
        p->pieces[p->count++] = (struct place_piece){s->at, size, v->number};
    }
    s->at += size;
    s->depth = 0;
    s->other = false;
}

static bool push_indexed(struct state *s, Dwarf_Attribute *location, Dwarf_Op *op)
{
    Dwarf_Attribute attribute;
    Dwarf_Addr address;
    if (dwarf_getlocation_attr(location, op, &attribute) != 0 || dwarf_formaddr(&attribute, &address) != 0)
        return false;
    push_address(s, address);
    return true;
}

static bool evaluate(struct state *s, Dwarf_Attribute *location, Dwarf_Op *op)
{
    switch (op->atom) {
    case DW_OP_addr:
        push_address(s, op->number);
        return true;
    case DW_OP_addrx:
    case DW_OP_GNU_addr_index:
        return push_indexed(s, location, op);
    case DW_OP_fbreg:
        push(s, VALUE_FRAME, op->number);
        return true;
    case DW_OP_const1u:
    case DW_OP_const1s:
    case DW_OP_const2u:
    case DW_OP_const2s:
    case DW_OP_const4u:
    case DW_OP_const4s:
    case DW_OP_const8u:
    case DW_OP_const8s:
    case DW_OP_constu:
    case DW_OP_consts:
        push(s, VALUE_NUMBER, op->number);
        return true;
    case DW_OP_plus_uconst:
        add_number(s, op->number);
        return true;
    case DW_OP_plus:
        add_two(s);
        return true;
    case DW_OP_piece:
        finish(s, op->number);
        return true;
    case DW_OP_bit_piece:
        s->other |= op->number % 8 || op->number2;
        finish(s, op->number / 8);
        return true;
    default:
        if (op->atom >= DW_OP_lit0 && op->atom <= DW_OP_lit31)
            push(s, VALUE_NUMBER, op->atom - DW_OP_lit0);
        else
            s->other = true;
        return true;
    }
}

/* LLVM describes what is thread-local as a number that is added to a global, __tls_base (WebAssemblyTargetStreamer and
 * WebAssemblyTargetLowering; "DWARF for WebAssembly").  Where a module has no such global, the number is the address. */
static enum place_result read_thread_local(struct state *s, const Dwarf_Attribute *location, const Dwarf_Block *block,
                                           uint64_t size, const struct symbol_data *data)
{
    enum { IN_GLOBAL_FIXED = 3 };
    struct error ignored = ERROR_INIT;
    struct cursor c = cursor_over(block->data, block->length, &ignored);
    uint8_t operator, kind, atom, index[4];
    if (!cursor_u8(&c, "location", &operator) || operator!= OP_WASM_LOCATION || !cursor_u8(&c, "location", &kind) ||
        kind != IN_GLOBAL_FIXED || c.end - c.at < (ptrdiff_t)sizeof index)
        return PLACE_NONE;
    memcpy(index, c.at, sizeof index);
    c.at += sizeof index;
    if (!cursor_u8(&c, "location", &atom) || c.at == c.end || c.end[-1] != DW_OP_plus ||
        (atom != DW_OP_addr && atom != DW_OP_addrx && atom != DW_OP_GNU_addr_index))
        return PLACE_NONE;
    Dwarf_Attribute operand = *location;
    Dwarf_Addr number;
    operand.form = atom == DW_OP_addr ? DW_FORM_addr : atom == DW_OP_addrx ? DW_FORM_addrx : DW_FORM_GNU_addr_index;
    operand.valp = (unsigned char *)c.at;
    if (dwarf_formaddr(&operand, &number) != 0)
        return PLACE_BROKEN;
    uint32_t i = index[0] | (uint32_t)index[1] << 8 | (uint32_t)index[2] << 16 | (uint32_t)index[3] << 24;
    const struct symbol_global *base = i < data->global_count ? &data->globals[i] : NULL;
    if (base && (base->is_mutable || !base->has_value))
        return PLACE_OF_THREAD;
    push_address(s, base && !is_near_top(number) ? base->value + number : number);
    finish(s, size);
    return s->place->count ? PLACE_FOUND : PLACE_NONE;
}

enum place_result place_read(struct place *p, Dwarf_Die *variable, uint64_t size, const struct symbol_data *data)
{
    Dwarf_Attribute location;
    Dwarf_Block block;
    Dwarf_Op *ops;
    size_t count;
    p->count = 0;
    if (!dwarf_attr(variable, DW_AT_location, &location) || dwarf_formblock(&location, &block) != 0)
        return PLACE_NONE; /* or it is in other places at other times */
    struct state s = {.place = p};
    if (block.length && block.data[0] == OP_WASM_LOCATION)
        return read_thread_local(&s, &location, &block, size, data);
    if (dwarf_getlocation(&location, &ops, &count) != 0)
        return memchr(block.data, OP_WASM_LOCATION, block.length) ? PLACE_NONE : PLACE_BROKEN;
    bool in_pieces = false;
    for (size_t i = 0; i < count; i++) {
        if (!evaluate(&s, &location, &ops[i]))
            return PLACE_BROKEN;
        in_pieces |= ops[i].atom == DW_OP_piece || ops[i].atom == DW_OP_bit_piece;
    }
    if (!in_pieces)
        finish(&s, size);
    return p->count ? PLACE_FOUND : PLACE_NONE;
}
