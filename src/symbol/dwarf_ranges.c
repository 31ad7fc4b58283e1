#include "symbol/dwarf_ranges.h"

#include <dwarf.h>

/* An address, or a number in its place: wasm-tools 1.262 writes a unit's beginning as DW_FORM_data4, which libdw takes
 * for no address. */
static bool address_of(Dwarf_Die *die, unsigned name, uint64_t from, uint64_t *address)
{
    Dwarf_Attribute attribute;
    Dwarf_Addr value;
    Dwarf_Word number;
    if (!dwarf_attr(die, name, &attribute))
        return false;
    if (dwarf_formaddr(&attribute, &value) == 0) {
        *address = value;
        return true;
    }
    if (dwarf_formudata(&attribute, &number) != 0)
        return false;
    *address = from + number;
    return true;
}

bool dwarf_range_next(struct dwarf_range_walk *w)
{
    if (!w->offset && dwarf_hasattr(w->die, DW_AT_low_pc) && !dwarf_hasattr(w->die, DW_AT_ranges)) {
        w->offset = 1;
        return address_of(w->die, DW_AT_low_pc, 0, &w->low) && address_of(w->die, DW_AT_high_pc, w->low, &w->high);
    }
    if (!dwarf_hasattr(w->die, DW_AT_ranges))
        return false;
    w->offset = split_unit_ranges(w->split, w->die, w->offset, &w->base, &w->low, &w->high);
    w->is_broken = w->offset < 0;
    return w->offset > 0;
}
