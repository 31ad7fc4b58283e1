#include "symbol/dwarf_function.h"

#include "base/vec.h"
#include "symbol/dwarf_children.h"
#include "symbol/dwarf_ranges.h"

#include <dwarf.h>
#include <stdlib.h>

struct walk {
    struct dwarf_function *function;
    const struct split_unit *split;
    uint64_t shift;
    Dwarf_Off last; /* see dwarf_children.h */
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

/* Adds the ranges of an entry that begin within the scope around it.  A tool that rewrites debug information leaves 0
 * where code is gone or not to be found again, and an end of 2^32 or so where it lost the end alone. */
static bool add_ranges(struct walk *w, Dwarf_Die *die, size_t around, struct dwarf_scope *s)
{
    struct dwarf_function *f = w->function;
    struct dwarf_range_walk ranges = {.die = die, .split = w->split};
    while (w->ranges_read < DWARF_RANGES_MAX && dwarf_range_next(&ranges)) {
        w->ranges_read++;
        s->is_gone |= dwarf_is_dropped(ranges.low); /* 0 to 0, or to 1 in a list, which 0 to 0 would end */
        if (ranges.low == ranges.high || dwarf_is_dropped(ranges.low))
            continue;
        struct dwarf_range r = {ranges.low + w->shift, ranges.high + w->shift};
        bool is_whole = r.low < r.high && holds(f, &f->scopes[around], r.low, r.high);
        if (!is_whole) {
            r.high = 0;
            f->misfits++;
        }
        if (!is_whole && !holds(f, &f->scopes[around], r.low, r.low + 1))
            continue;
        s->is_lost |= !is_whole;
        if (!add_range(f, r))
            return false;
    }
    f->is_broken |= ranges.is_broken || w->ranges_read == DWARF_RANGES_MAX;
    return true;
}

static bool walk_children(struct walk *w, Dwarf_Die *parent, size_t around, unsigned depth);

/* An inlined function whose ranges are lost holds at least what was inlined into it: its ranges, from `first` on, and those
 * of the scopes directly within it move to the end. */
static bool take_inner_ranges(struct walk *w, size_t scope)
{
    struct dwarf_function *f = w->function;
    struct dwarf_scope *s = &f->scopes[scope];
    size_t first = f->range_count, from = s->first_range, end = s->range_end;
    for (size_t i = scope + 1;; i = f->scopes[i].end) {
        for (; from < end && w->ranges_read < DWARF_RANGES_MAX; w->ranges_read++) {
            struct dwarf_range r = f->ranges[from++];
            s->is_lost |= !r.high;
            if (!add_range(f, r))
                return false;
        }
        if (i >= s->end)
            break;
        from = f->scopes[i].first_range;
        end = f->scopes[i].range_end;
    }
    s->first_range = first;
    s->range_end = f->range_count;
    return true;
}

static bool add_scope(struct walk *w, Dwarf_Die *die, size_t around, unsigned depth)
{
    struct dwarf_function *f = w->function;
    size_t index = f->scope_count, first = f->range_count;
    struct dwarf_scope s = {.die = *die, .first_range = first};
    if (!add_ranges(w, die, around, &s) || !vec_room((void **)&f->scopes, &f->scope_capacity, index, sizeof *f->scopes))
        return false;
    bool is_whole = f->range_count > first && !s.is_lost && !s.is_gone;
    s.range_end = f->range_count;
    f->scopes[f->scope_count++] = s;
    if (!walk_children(w, die, is_whole ? index : around, depth))
        return false;
    f->scopes[index].end = f->scope_count;
    return is_whole || take_inner_ranges(w, index);
}

/* False when memory is short.  A fault ends the walk along these siblings; what was found stays.  Blocks are looked
 * through: what is inlined lies where its own ranges are.  Functions of a function's classes are code of their own. */
static bool walk_children(struct walk *w, Dwarf_Die *parent, size_t around, unsigned depth)
{
    struct dwarf_children c = {.parent = parent, .depth = depth, .last = &w->last};
    while (dwarf_children_next(&c)) {
        int tag = dwarf_tag(&c.die);
        bool is_block = tag == DW_TAG_lexical_block || tag == DW_TAG_try_block || tag == DW_TAG_catch_block;
        if (tag == DW_TAG_inlined_subroutine && !add_scope(w, &c.die, around, depth + 1))
            return false;
        if (is_block && !walk_children(w, &c.die, around, depth + 1))
            return false;
    }
    w->function->is_broken |= c.is_broken;
    return true;
}

bool dwarf_function_read(struct dwarf_function *f, const struct dwarf_extent *e, uint64_t low, uint64_t high,
                         uint64_t shift)
{
    Dwarf_Die die = e->die;
    struct walk w = {.function = f, .split = e->split, .shift = shift, .last = dwarf_dieoffset(&die)};
    *f = (struct dwarf_function){.is_broken = false};
    if (!vec_room((void **)&f->scopes, &f->scope_capacity, 0, sizeof *f->scopes) ||
        !add_range(f, (struct dwarf_range){low, high}))
        return false;
    f->scopes[f->scope_count++] = (struct dwarf_scope){.die = die, .range_end = 1};
    bool ok = walk_children(&w, &die, 0, 0);
    f->scopes[0].end = f->scope_count;
    return ok;
}

void dwarf_function_release(struct dwarf_function *f)
{
    free(f->scopes);
    free(f->ranges);
    *f = (struct dwarf_function){.is_broken = false};
}

/* Where the function of a scope is declared, if that is in a file of this unit. */
static void declare(struct dwarf_scope *s)
{
    Dwarf_Attribute attribute;
    Dwarf_Word file, line;
    if (s->is_declared)
        return;
    s->is_declared = true;
    if (dwarf_formudata(dwarf_attr_integrate(&s->die, DW_AT_decl_file, &attribute), &file) != 0 ||
        attribute.cu != s->die.cu ||
        dwarf_formudata(dwarf_attr_integrate(&s->die, DW_AT_decl_line, &attribute), &line) != 0 || file > UINT32_MAX ||
        line > INT32_MAX)
        return;
    s->file = (uint32_t)file;
    s->line = (uint32_t)line;
}

/* How far below its declaration a row of the function may be; UINT32_MAX: it is not of that function. */
static uint32_t below_declaration(struct dwarf_scope *s, const struct line_row *row)
{
    declare(s);
    return s->line && s->file == row->file && row->line >= s->line ? row->line - s->line : UINT32_MAX;
}

/* The last place, not behind the address, where a range begins whose end is lost; 0: there is none. */
static uint64_t lost_low(const struct dwarf_function *f, const struct dwarf_scope *s, uint64_t address)
{
    uint64_t low = 0;
    for (size_t i = s->first_range; i < s->range_end && s->is_lost; i++)
        if (!f->ranges[i].high && f->ranges[i].low <= address && f->ranges[i].low > low)
            low = f->ranges[i].low;
    return low;
}

struct place {
    uint64_t address;
    const struct line_row *row;
};

/* Whether an inlined function that begins at the address or before it, and whose end is lost, goes as far as there: the
 * line is of its text rather than of that of a function around it, whose nearest is `limit` lines before; or it is of the
 * text of what was inlined into it. */
static bool reaches(struct dwarf_function *f, size_t scope, const struct place *at, uint32_t limit)
{
    struct dwarf_scope *s = &f->scopes[scope];
    if (!lost_low(f, s, at->address))
        return false;
    uint32_t below = below_declaration(s, at->row);
    if (below < limit)
        return true;
    for (size_t i = scope + 1; i < s->end; i = f->scopes[i].end)
        if (reaches(f, i, at, limit))
            return true;
    return false;
}

/* The scope directly within another one that holds the address, or `none`.  Ranges of neighbours overlap where a tool
 * made one too long: the later one is right then, as llvm-symbolizer has it. */
static size_t held_scope(const struct dwarf_function *f, size_t outer, uint64_t address, size_t none)
{
    size_t found = none;
    for (size_t i = outer + 1; i < f->scopes[outer].end; i = f->scopes[i].end)
        if (holds(f, &f->scopes[i], address, address + 1))
            found = i;
    return found;
}

/* The same of those whose ends are lost: the latest beginning. */
static size_t reaching_scope(struct dwarf_function *f, size_t outer, const struct place *at, uint32_t limit,
                             size_t none)
{
    size_t found = none;
    uint64_t latest = 1;
    for (size_t i = outer + 1; i < f->scopes[outer].end; i = f->scopes[i].end) {
        uint64_t low = lost_low(f, &f->scopes[i], at->address);
        if (low < latest || !reaches(f, i, at, limit))
            continue;
        latest = low;
        found = i;
    }
    return found;
}

/* The same of those that lost a range with its beginning: where the line can't be of a function around it, the one whose
 * declaration is next before the line. */
static size_t gone_scope(struct dwarf_function *f, size_t outer, const struct place *at, uint32_t limit, size_t none)
{
    size_t found = none;
    for (size_t i = outer + 1; limit == UINT32_MAX && i < f->scopes[outer].end; i = f->scopes[i].end) {
        uint32_t below = f->scopes[i].is_gone ? below_declaration(&f->scopes[i], at->row) : UINT32_MAX;
        if (below > limit || below == UINT32_MAX)
            continue;
        limit = below;
        found = i;
    }
    return found;
}

static size_t inner_scope(struct dwarf_function *f, size_t outer, const struct place *at, uint32_t *limit)
{
    size_t none = f->scope_count, found = held_scope(f, outer, at->address, none);
    if (!at->row)
        return found;
    uint32_t below = below_declaration(&f->scopes[outer], at->row);
    if (below < *limit)
        *limit = below;
    if (found == none)
        found = reaching_scope(f, outer, at, *limit, none);
    return found == none ? gone_scope(f, outer, at, *limit, none) : found;
}

size_t dwarf_function_chain(struct dwarf_function *f, uint64_t address, const struct line_row *row,
                            struct dwarf_scope **chain, size_t room)
{
    size_t count = 0;
    uint32_t limit = UINT32_MAX; /* how far before the line the nearest declaration of a function around it is */
    struct place at = {address, row};
    for (size_t i = 0; i < f->scope_count; i = inner_scope(f, i, &at, &limit)) {
        size_t kept = count < room ? count++ : room - 1; /* the new one is the innermost, and comes first */
        for (size_t k = kept; k > 0; k--)
            chain[k] = chain[k - 1];
        chain[0] = &f->scopes[i];
    }
    return count;
}
