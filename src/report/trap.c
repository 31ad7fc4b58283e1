#include "base/clean.h"
#include "report/build.h"

#include <stdlib.h>

static bool build_call(struct build *b, const struct trap_call *call, struct report_side *side)
{
    *side = (struct report_side){.origin = ORIGIN_SITE, .loc = call->file_off, .func = call->func};
    side->name = build_func_name(b, call->func);
    side->op = build_text(b, b->names->op_at(b->names->self, call->file_off), CLEAN_NAME_LIMIT);
    const struct site site = {.file_off = call->file_off, .func = call->func};
    return side->name && side->op && stacks_look_up(&b->stacks, &site, side);
}

bool build_trap(struct build *b, const struct report_ending *ending)
{
    struct report_trap *to = &b->out->trap_at;
    const struct trap_place *from = ending->trap_at;
    if (!ending->trap || !from)
        return true;
    to->has_address = from->has_address;
    to->address = from->address;
    to->memory_size = from->memory_size;
    to->stack = calloc(from->depth + 1, sizeof *to->stack);
    for (; to->stack && to->depth < from->depth; to->depth++)
        if (!build_call(b, &from->calls[to->depth], &to->stack[to->depth]))
            return false;
    return to->stack;
}
