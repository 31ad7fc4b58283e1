#include "symbol/type.h"

#include <dwarf.h>

enum { PEELS_MAX = 64, DEPTH_MAX = 16 };
static const uint64_t size_limit = UINT64_C(1) << 44;

static bool is_name(int tag)
{
    return tag == DW_TAG_typedef || tag == DW_TAG_const_type || tag == DW_TAG_volatile_type ||
           tag == DW_TAG_atomic_type || tag == DW_TAG_restrict_type;
}

bool type_is_structure(Dwarf_Die *type)
{
    int tag = dwarf_tag(type);
    return tag == DW_TAG_structure_type || tag == DW_TAG_class_type;
}

static bool refer(Dwarf_Die *from, unsigned name, Dwarf_Die *to)
{
    Dwarf_Attribute attribute;
    return dwarf_formref_die(dwarf_attr_integrate(from, name, &attribute), to) != NULL;
}

/* One step.  libdw's own functions do not follow signatures: clang leaves a declaration that has nothing but one. */
static bool step(Dwarf_Die *from, Dwarf_Die *type)
{
    Dwarf_Die found, full;
    if (!refer(from, DW_AT_type, &found))
        return false;
    if (dwarf_hasattr(&found, DW_AT_signature)) {
        if (!refer(&found, DW_AT_signature, &full))
            return false;
        found = full;
    }
    *type = found;
    return true;
}

/* Not by dwarf_peel_type, which would follow a circle for ever. */
bool type_of(Dwarf_Die *die, Dwarf_Die *type)
{
    Dwarf_Die at = *die;
    for (unsigned i = 0; i < PEELS_MAX && step(&at, type); i++) {
        if (!is_name(dwarf_tag(type)))
            return true;
        at = *type;
    }
    return false;
}

bool type_is_missing(Dwarf_Die *die)
{
    Dwarf_Attribute attribute;
    Dwarf_Die at = *die, type;
    for (unsigned i = 0; i < PEELS_MAX && dwarf_attr_integrate(&at, DW_AT_type, &attribute); i++) {
        if (!step(&at, &type))
            return true;
        at = type;
    }
    return false;
}

/* A bound of an array; false where it is none that is known before the program runs. */
static bool bound(Dwarf_Die *range, unsigned name, uint64_t *value)
{
    Dwarf_Attribute attribute;
    Dwarf_Word word;
    if (!dwarf_attr_integrate(range, name, &attribute) || dwarf_formudata(&attribute, &word) != 0)
        return false;
    *value = word;
    return true;
}

unsigned type_dimensions(Dwarf_Die *array, uint64_t lengths[TYPE_DIMENSIONS_MAX])
{
    Dwarf_Die range;
    uint64_t upper, lower = 0;
    unsigned count = 0;
    for (int result = dwarf_child(array, &range); result == 0; result = dwarf_siblingof(&range, &range)) {
        if (dwarf_tag(&range) != DW_TAG_subrange_type)
            continue;
        if (count == TYPE_DIMENSIONS_MAX)
            return 0;
        if (!bound(&range, DW_AT_count, &lengths[count])) {
            if (!bound(&range, DW_AT_upper_bound, &upper))
                return 0;
            bound(&range, DW_AT_lower_bound, &lower);
            lengths[count] = upper - lower + 1;
        }
        count++;
    }
    return count;
}

static uint64_t elements(Dwarf_Die *array)
{
    uint64_t lengths[TYPE_DIMENSIONS_MAX], all = 1;
    const unsigned dimensions = type_dimensions(array, lengths);
    for (unsigned i = 0; i < dimensions; i++)
        if (__builtin_mul_overflow(all, lengths[i], &all))
            return 0;
    return dimensions ? all : 0;
}

static uint64_t size_within(Dwarf_Die *type, unsigned depth)
{
    Dwarf_Word size = 0;
    Dwarf_Die element;
    uint64_t all;
    if (dwarf_tag(type) != DW_TAG_array_type || dwarf_hasattr(type, DW_AT_byte_size))
        return dwarf_aggregate_size(type, &size) == 0 && size < size_limit ? size : 0;
    if (depth >= DEPTH_MAX || !type_of(type, &element) ||
        __builtin_mul_overflow(elements(type), size_within(&element, depth + 1), &all))
        return 0;
    return all < size_limit ? all : 0;
}

uint64_t type_size(Dwarf_Die *type)
{
    return size_within(type, 0);
}
