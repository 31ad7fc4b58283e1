#include "symbol/dwarf_unit.h"

#include "base/vec.h"

#include <dwarf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { DEPTH_MAX = 256 }; /* of nested entries */

struct walk {
    struct dwarf_unit *unit;
    uint64_t code_size;
    Dwarf_Off last; /* entries stand in the order in which they are met: a chain that leads back is broken */
    bool no_memory;
};

bool dwarf_add_ranges(struct dwarf_ranges *ranges, Dwarf_Die *die, size_t index, uint64_t code_size, bool *broken)
{
    ptrdiff_t offset = 0;
    Dwarf_Addr base = 0, low, high;
    while (ranges->read < DWARF_RANGES_MAX && (offset = dwarf_ranges(die, offset, &base, &low, &high)) > 0) {
        ranges->read++;
        /* A function that the linker dropped is at 0 or near the top of the address space. */
        if (low == 0 || low >= high || low >= code_size)
            continue;
        if (!vec_room((void **)&ranges->items, &ranges->capacity, ranges->count, sizeof *ranges->items))
            return false;
        ranges->items[ranges->count++] = (struct dwarf_range){low, high < code_size ? high : code_size, index};
    }
    *broken |= offset != 0 || ranges->read == DWARF_RANGES_MAX;
    return true;
}

static int compare_ranges(const void *left, const void *right)
{
    const struct dwarf_range *a = left, *b = right;
    if (a->low != b->low)
        return a->low < b->low ? -1 : 1;
    return a->index < b->index ? -1 : a->index > b->index;
}

void dwarf_sort_ranges(struct dwarf_range *ranges, size_t count)
{
    if (count)
        qsort(ranges, count, sizeof *ranges, compare_ranges);
}

const struct dwarf_range *dwarf_find_range(const struct dwarf_range *ranges, size_t count, uint64_t address)
{
    size_t low = 0, high = count; /* all before low start at the address or before it */
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (ranges[middle].low <= address)
            low = middle + 1;
        else
            high = middle;
    }
    return low && address < ranges[low - 1].high ? &ranges[low - 1] : NULL;
}

static bool walk_children(struct walk *w, Dwarf_Die *parent, unsigned depth);

/* A function or a block with code of its own is a scope; one without, such as the abstract form of an inlined function,
 * is just looked through. */
static bool add_scope(struct walk *w, Dwarf_Die *die, int tag, unsigned depth)
{
    struct dwarf_unit *u = w->unit;
    size_t index = u->scope_count, first = u->ranges.count;
    if (!dwarf_add_ranges(&u->ranges, die, index, w->code_size, &u->is_broken))
        return false;
    if (u->ranges.count == first)
        return walk_children(w, die, depth);
    if (!vec_room((void **)&u->scopes, &u->scope_capacity, index, sizeof *u->scopes))
        return false;
    u->scopes[u->scope_count++] = (struct dwarf_scope){.die = dwarf_dieoffset(die),
                                                       .first_range = first,
                                                       .range_end = u->ranges.count,
                                                       .is_function = tag == DW_TAG_subprogram,
                                                       .is_inlined = tag == DW_TAG_inlined_subroutine};
    for (size_t i = first; tag == DW_TAG_subprogram && i < u->scopes[index].range_end; i++) {
        if (!vec_room((void **)&u->functions, &u->function_capacity, u->function_count, sizeof *u->functions))
            return false;
        u->functions[u->function_count++] = u->ranges.items[i];
    }
    bool ok = walk_children(w, die, depth);
    u->scopes[index].end = u->scope_count;
    return ok;
}

static bool visit(struct walk *w, Dwarf_Die *die, unsigned depth)
{
    int tag = dwarf_tag(die);
    switch (tag) {
    case DW_TAG_subprogram:
    case DW_TAG_inlined_subroutine:
    case DW_TAG_lexical_block:
    case DW_TAG_try_block:
    case DW_TAG_catch_block:
        return add_scope(w, die, tag, depth);
    case DW_TAG_namespace:
    case DW_TAG_module:
    case DW_TAG_structure_type:
    case DW_TAG_class_type:
    case DW_TAG_union_type:
    case DW_TAG_enumeration_type:
        return walk_children(w, die, depth);
    default:
        return true;
    }
}

/* False when memory is short.  A fault ends the walk along these siblings; what was found stays. */
static bool walk_children(struct walk *w, Dwarf_Die *parent, unsigned depth)
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
        if (!visit(w, &die, depth + 1))
            return false;
        Dwarf_Die next;
        result = dwarf_siblingof(&die, &next);
        die = next;
    }
    w->unit->is_broken |= result < 0;
    return true;
}

bool dwarf_unit_read(struct dwarf_unit *u, uint64_t code_size, struct error *err)
{
    u->is_read = true;
    if (dwarf_getsrclines(&u->die, &u->lines, &u->line_count) != 0) {
        u->lines = NULL;
        u->line_count = 0;
        u->is_broken |= dwarf_hasattr(&u->die, DW_AT_stmt_list) != 0;
    }
    if (dwarf_getsrcfiles(&u->die, &u->files, &u->file_count) != 0)
        u->file_count = 0;
    struct walk w = {.unit = u, .code_size = code_size, .last = dwarf_dieoffset(&u->die)};
    if (!walk_children(&w, &u->die, 0))
        return error_no_memory(err);
    dwarf_sort_ranges(u->functions, u->function_count);
    return true;
}

void dwarf_unit_release(struct dwarf_unit *u)
{
    for (size_t i = 0; u->paths && i < u->file_count; i++)
        free(u->paths[i]);
    free(u->paths);
    free(u->scopes);
    free(u->ranges.items);
    free(u->functions);
    *u = (struct dwarf_unit){.is_read = false};
}

static bool holds(const struct dwarf_unit *u, const struct dwarf_scope *s, uint64_t address)
{
    for (size_t i = s->first_range; i < s->range_end; i++)
        if (u->ranges.items[i].low <= address && address < u->ranges.items[i].high)
            return true;
    return false;
}

size_t dwarf_unit_chain(const struct dwarf_unit *u, uint64_t address, struct dwarf_scope **chain, size_t room)
{
    const struct dwarf_range *function = dwarf_find_range(u->functions, u->function_count, address);
    if (!function)
        return 0;
    size_t count = 0, end = u->scopes[function->index].end;
    for (size_t i = function->index; i < end;) {
        struct dwarf_scope *s = &u->scopes[i];
        if (!holds(u, s, address)) {
            i = s->end;
            continue;
        }
        i++;
        if (!s->is_function && !s->is_inlined)
            continue;
        size_t kept = count < room ? count++ : room - 1; /* the new one is the innermost, and comes first */
        for (size_t k = kept; k > 0; k--)
            chain[k] = chain[k - 1];
        chain[0] = s;
    }
    return count;
}

/* What libdw gives counts from the folder of the compilation, unless that is part of it already. */
static char *full_path(struct dwarf_unit *u, const char *name)
{
    Dwarf_Attribute attribute;
    const char *folder = *name == '/' ? NULL : dwarf_formstring(dwarf_attr(&u->die, DW_AT_comp_dir, &attribute));
    while (name[0] == '.' && name[1] == '/')
        name += 2;
    if (!folder || *folder != '/') /* a build that hides its folder: compilers are told to write `.` then */
        return strdup(name);
    char *path;
    return asprintf(&path, "%s%s%s", folder, folder[strlen(folder) - 1] == '/' ? "" : "/", name) < 0 ? NULL : path;
}

const char *dwarf_unit_path(struct dwarf_unit *u, size_t index)
{
    if (index >= u->file_count)
        return NULL;
    if (!u->paths)
        u->paths = calloc(u->file_count, sizeof *u->paths);
    const char *name = dwarf_filesrc(u->files, index, NULL, NULL);
    if (u->paths && !u->paths[index] && name)
        u->paths[index] = full_path(u, name);
    u->failed = u->failed || !u->paths || (name && !u->paths[index]);
    return u->paths ? u->paths[index] : NULL;
}

Dwarf_Line *dwarf_unit_line(const struct dwarf_unit *u, uint64_t address)
{
    size_t low = 0, high = u->line_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        Dwarf_Addr at;
        if (dwarf_lineaddr(dwarf_onesrcline(u->lines, middle), &at) == 0 && at <= address)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == 0)
        return NULL;
    Dwarf_Line *line = dwarf_onesrcline(u->lines, low - 1);
    bool is_end = true;
    return dwarf_lineendsequence(line, &is_end) == 0 && !is_end ? line : NULL;
}
