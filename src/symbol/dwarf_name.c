#include "symbol/dwarf_name.h"

#include "symbol/demangle.h"
#include "symbol/dwarf_children.h"

#include <dwarf.h>
#include <string.h>

struct walk {
    bool (*fits)(void *self, const char *name);
    void *self;
    struct buf words;
    Dwarf_Off last; /* see dwarf_children.h */
    bool found;
};

static const char *text_of(Dwarf_Die *die, unsigned name)
{
    Dwarf_Attribute attribute;
    return dwarf_formstring(dwarf_attr_integrate(die, name, &attribute));
}

/* NULL: it has none but the plain one; an empty one, which only damage makes, is none. */
static const char *linkage_of(Dwarf_Die *function)
{
    const char *linkage = text_of(function, DW_AT_linkage_name);
    if (!linkage)
        linkage = text_of(function, DW_AT_MIPS_linkage_name);
    return linkage && *linkage ? linkage : NULL;
}

const char *dwarf_name_linkage(Dwarf_Die *function)
{
    const char *linkage = linkage_of(function);
    return linkage ? linkage : text_of(function, DW_AT_name);
}

/* Whether a linkage name is the plain one behind what it is in, as Zig's `mem.Allocator.create`. */
static bool is_qualified(const char *linkage, const char *plain)
{
    size_t size = strlen(linkage), end = strlen(plain);
    return size > end + 1 && linkage[size - end - 1] == '.' && strcmp(linkage + size - end, plain) == 0;
}

/* A mangled name says more than DW_AT_name, which lacks namespaces and parameters, and so does a qualified one; another that is not
 * mangled, or that nobody can read, says less. */
bool dwarf_name_put(struct buf *out, Dwarf_Die *function)
{
    const char *plain = text_of(function, DW_AT_name), *linkage = linkage_of(function);
    size_t before = out->size, size = linkage ? strlen(linkage) : 0;
    if (linkage && !demangle_put(out, linkage, size))
        return false;
    if (!plain || (linkage && is_qualified(linkage, plain)))
        return true;
    if (linkage && (out->size - before != size || memcmp(out->data + before, linkage, size) != 0))
        return true;
    out->size = before;
    return buf_put(out, plain, strlen(plain));
}

static bool walk_children(struct walk *w, Dwarf_Die *parent, unsigned depth)
{
    struct dwarf_children c = {.parent = parent, .depth = depth, .last = &w->last};
    bool ok = true;
    while (ok && !w->found && dwarf_children_next(&c)) {
        const int tag = dwarf_tag(&c.die);
        if (tag == DW_TAG_subprogram) {
            buf_clear(&w->words);
            ok = dwarf_name_put(&w->words, &c.die) && buf_put_u8(&w->words, '\0');
            w->found = ok && w->fits(w->self, (const char *)w->words.data);
        } else if (dwarf_is_scope(tag)) {
            ok = walk_children(w, &c.die, depth + 1);
        }
    }
    return ok;
}

bool dwarf_name_find(Dwarf_Die *unit, bool (*fits)(void *self, const char *name), void *self, bool *found)
{
    struct walk w = {.fits = fits, .self = self, .last = dwarf_dieoffset(unit)};
    buf_init(&w.words, SIZE_MAX / 2);
    bool ok = walk_children(&w, unit, 0);
    buf_release(&w.words);
    *found = w.found;
    return ok;
}
