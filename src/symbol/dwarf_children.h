/* dwarf_children.h: goes over the entries directly below one, whatever a file says of them; private to what reads DWARF here. */
#ifndef MT_SYMBOL_DWARF_CHILDREN_H
#define MT_SYMBOL_DWARF_CHILDREN_H

#include <elfutils/libdw.h>
#include <stdbool.h>

/* Begins as {.parent = …, .depth = …, .last = …}. */
struct dwarf_children {
    Dwarf_Die *parent;
    unsigned depth;  /* how many walks like this one are around it */
    Dwarf_Off *last; /* the offset of the entry met last by all of them, at first the outermost parent's */
    Dwarf_Die die;   /* the child, while there is one */
    bool has_begun;
    bool is_broken; /* the children cannot be read to the end */
};

/* Whether entries of this tag may have functions below them that they name in part: namespaces, modules, types. */
bool dwarf_is_scope(int tag);

/* False at the end. */
bool dwarf_children_next(struct dwarf_children *c);

#endif
