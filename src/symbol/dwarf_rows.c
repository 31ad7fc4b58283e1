#include "symbol/dwarf_rows.h"

#include "base/order.h"
#include "base/vec.h"

#include <stdlib.h>

static int compare_rows(const void *left, const void *right)
{
    const struct line_row *a = left, *b = right;
    return a->address < b->address ? -1 : a->address > b->address;
}

bool dwarf_rows_read(struct dwarf_rows *r, struct line_program *p)
{
    struct line_row row = {.ends = false};
    bool is_sorted = true;
    r->is_read = true;
    while (!row.ends && line_program_next(p, &row)) {
        if (!vec_room((void **)&r->items, &r->capacity, r->count, sizeof *r->items))
            return false;
        is_sorted &= !r->count || r->items[r->count - 1].address <= row.address;
        r->items[r->count++] = row;
    }
    if (!is_sorted) /* not allowed: then the order at one address may be any */
        qsort(r->items, r->count, sizeof *r->items, compare_rows);
    return true;
}

void dwarf_rows_release(struct dwarf_rows *r)
{
    free(r->items);
    *r = (struct dwarf_rows){.items = NULL};
}

static uint64_t address_of(const void *row)
{
    return ((const struct line_row *)row)->address;
}

const struct line_row *dwarf_rows_find(const struct dwarf_rows *r, uint64_t address)
{
    size_t until = order_until(r->items, r->count, sizeof *r->items, address, address_of);
    return until && !r->items[until - 1].ends ? &r->items[until - 1] : NULL;
}
