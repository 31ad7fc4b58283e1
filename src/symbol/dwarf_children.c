#include "symbol/dwarf_children.h"

#include <dwarf.h>

enum { DEPTH_MAX = 256 };

/* Entries stand in the order in which they are met; so a chain that leads back is broken. */
bool dwarf_children_next(struct dwarf_children *c)
{
    int result = -1;
    Dwarf_Die next;
    if (c->has_begun)
        result = dwarf_siblingof(&c->die, &next);
    else if (c->depth < DEPTH_MAX)
        result = dwarf_child(c->parent, &next);
    c->has_begun = true;
    if (result == 0 && dwarf_dieoffset(&next) <= *c->last)
        result = -1;
    c->is_broken |= result < 0;
    if (result != 0)
        return false;
    c->die = next;
    *c->last = dwarf_dieoffset(&next);
    return true;
}

bool dwarf_is_scope(int tag)
{
    return tag == DW_TAG_namespace || tag == DW_TAG_module || tag == DW_TAG_structure_type ||
           tag == DW_TAG_class_type || tag == DW_TAG_union_type || tag == DW_TAG_enumeration_type;
}
