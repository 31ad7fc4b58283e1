#include "symbol/dwarf_function.h"

#include "base/vec.h"
#include "symbol/dwarf_ranges.h"

#include <dwarf.h>
#include <stdlib.h>

enum { DEPTH_MAX = 256 }; /* of nested entries */

struct walk {
    struct dwarf_function *function;
    uint64_t shift;
    Dwarf_Off last; /* entries stand in the order in which they are met: a chain that leads back is broken */
    size_t ranges_read;
};

static bool add_range(struct dwarf_function *f, struct dwarf_range range)
{
    if (!vec_room((void **)&f->ranges, &f->range_capacity, f->range_count, sizeof *f->ranges))
        return false;
    f->ranges[f->range_count++] = range;
    return true;
}

static bool holds(const struct dwarf_function *f, const struct dwarf_scope *s, uint64_t low, uint64_t high)
{
    for (size_t i = s->first_range; i < s->range_end; i++)
        if (f->ranges[i].low <= low && high <= f->ranges[i].high)
            return true;
    return false;
}

/* Adds the ranges of an entry that lie within the scope around it.  A tool that rewrites debug information leaves 0 where
 * code is gone or not to be found again, and an end of 2^32 or so where it lost the end alone. */
static bool add_ranges(struct walk *w, Dwarf_Die *die, size_t around)
{
    struct dwarf_function *f = w->function;
    struct dwarf_range_walk ranges = {.die = die};
    while (w->ranges_read < DWARF_RANGES_MAX && dwarf_range_next(&ranges)) {
        w->ranges_read++;
        if (ranges.low == ranges.high || dwarf_is_dropped(ranges.low))
            continue;
        struct dwarf_range r = {ranges.low + w->shift, ranges.high + w->shift};
        if (r.low >= r.high || !holds(f, &f->scopes[around], r.low, r.high))
            f->misfits += dwarf_tag(die) == DW_TAG_inlined_subroutine;
        else if (!add_range(f, r))
            return false;
    }
    f->is_broken |= ranges.is_broken || w->ranges_read == DWARF_RANGES_MAX;
    return true;
}

static bool walk_children(struct walk *w, Dwarf_Die *parent, size_t around, unsigned depth);

/* An inlined function whose ranges are lost holds at least what was inlined into it. */
static bool take_inner_ranges(struct dwarf_function *f, struct dwarf_scope *s, size_t first, size_t end)
{
    s->first_range = f->range_count;
    for (size_t i = first; i < end; i++)
        if (!add_range(f, (struct dwarf_range){f->ranges[i].low, f->ranges[i].high}))
            return false;
    s->range_end = f->range_count;
    return true;
}

static bool add_scope(struct walk *w, Dwarf_Die *die, size_t around, unsigned depth)
{
    struct dwarf_function *f = w->function;
    size_t index = f->scope_count, first = f->range_count;
    bool is_block = dwarf_tag(die) != DW_TAG_inlined_subroutine;
    if (!add_ranges(w, die, around))
        return false;
    bool has_ranges = f->range_count > first;
    if (is_block && !has_ranges)
        return walk_children(w, die, around, depth);
    if (!vec_room((void **)&f->scopes, &f->scope_capacity, index, sizeof *f->scopes))
        return false;
    f->scopes[f->scope_count++] =
        (struct dwarf_scope){.die = *die, .first_range = first, .range_end = f->range_count, .is_block = is_block};
    if (!walk_children(w, die, has_ranges ? index : around, depth))
        return false;
    f->scopes[index].end = f->scope_count;
    return has_ranges || take_inner_ranges(f, &f->scopes[index], first, f->range_count);
}

/* False when memory is short.  A fault ends the walk along these siblings; what was found stays.  Functions within the
 * function, of its classes, are code of their own. */
static bool walk_children(struct walk *w, Dwarf_Die *parent, size_t around, unsigned depth)
{
    Dwarf_Die die;
    int result = depth < DEPTH_MAX ? dwarf_child(parent, &die) : -1;
    while (result == 0) {
        Dwarf_Off offset = dwarf_dieoffset(&die);
        if (offset <= w->last) {
            result = -1;
            break;
        }
        w->last = offset;
        int tag = dwarf_tag(&die);
        bool is_scope = tag == DW_TAG_inlined_subroutine || tag == DW_TAG_lexical_block || tag == DW_TAG_try_block ||
                        tag == DW_TAG_catch_block;
        if (is_scope && !add_scope(w, &die, around, depth + 1))
            return false;
        Dwarf_Die next;
        result = dwarf_siblingof(&die, &next);
        die = next;
    }
    w->function->is_broken |= result < 0;
    return true;
}

bool dwarf_function_read(struct dwarf_function *f, Dwarf_Die *die, uint64_t low, uint64_t high, uint64_t shift)
{
    struct walk w = {.function = f, .shift = shift, .last = dwarf_dieoffset(die)};
    *f = (struct dwarf_function){.is_broken = false};
    if (!vec_room((void **)&f->scopes, &f->scope_capacity, 0, sizeof *f->scopes) ||
        !add_range(f, (struct dwarf_range){low, high}))
        return false;
    f->scopes[f->scope_count++] = (struct dwarf_scope){.die = *die, .range_end = 1};
    bool ok = walk_children(&w, die, 0, 0);
    f->scopes[0].end = f->scope_count;
    return ok;
}

void dwarf_function_release(struct dwarf_function *f)
{
    free(f->scopes);
    free(f->ranges);
    *f = (struct dwarf_function){.is_broken = false};
}

/* The scope directly within another one that holds the address, or `end`.  Ranges of neighbours overlap where a tool
 * made one too long: the later one is right then, as llvm-symbolizer has it. */
static size_t inner_scope(const struct dwarf_function *f, size_t outer, uint64_t address, size_t end)
{
    size_t found = end;
    for (size_t i = outer + 1; i < f->scopes[outer].end; i = f->scopes[i].end)
        if (holds(f, &f->scopes[i], address, address + 1))
            found = i;
    return found;
}

size_t dwarf_function_chain(struct dwarf_function *f, uint64_t address, struct dwarf_scope **chain, size_t room)
{
    size_t count = 0;
    for (size_t i = 0; i < f->scope_count; i = inner_scope(f, i, address, f->scope_count)) {
        if (f->scopes[i].is_block)
            continue;
        size_t kept = count < room ? count++ : room - 1; /* the new one is the innermost, and comes first */
        for (size_t k = kept; k > 0; k--)
            chain[k] = chain[k - 1];
        chain[0] = &f->scopes[i];
    }
    return count;
}
