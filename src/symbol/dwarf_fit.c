#include "symbol/dwarf_fit.h"

#include "base/order.h"
#include "base/vec.h"
#include "symbol/dwarf_children.h"
#include "symbol/dwarf_ranges.h"

#include <dwarf.h>
#include <stdlib.h>
#include <string.h>

enum { EXTENTS_MAX = 1 << 20 };

struct walk {
    struct dwarf_fits *fits;
    const struct split_unit *split;
    size_t unit;
    Dwarf_Off last; /* see dwarf_children.h */
    bool is_broken;
};

static struct dwarf_extent *add(struct dwarf_extents *list)
{
    if (!vec_room((void **)&list->items, &list->capacity, list->count, sizeof *list->items))
        return NULL;
    list->items[list->count] = (struct dwarf_extent){.fit = FIT_NOT};
    return &list->items[list->count++];
}

/* A function's extent is from its first to its last address; one that was dropped, or has no code, is none.  An end
 * that is not behind the beginning, or beyond 32 bits, was lost by a tool that rewrites debug information. */
static bool add_function(struct walk *w, Dwarf_Die *die)
{
    struct dwarf_range_walk ranges = {.die = die, .split = w->split};
    uint64_t low = UINT64_MAX, high = 0;
    while (dwarf_range_next(&ranges) && w->fits->functions.count < EXTENTS_MAX) {
        if (dwarf_is_dropped(ranges.low) || (ranges.base && dwarf_is_dropped(ranges.base)))
            continue;
        low = ranges.low < low ? ranges.low : low;
        high = ranges.high > high ? ranges.high : high;
    }
    w->is_broken |= ranges.is_broken;
    if (low == UINT64_MAX || w->fits->functions.count == EXTENTS_MAX)
        return true;
    struct dwarf_extent *e = add(&w->fits->functions);
    if (e)
        *e = (struct dwarf_extent){.low = low,
                                   .high = high > low && high <= UINT32_MAX ? high : low,
                                   .unit = w->unit,
                                   .die = *die,
                                   .split = w->split};
    return e != NULL;
}

static bool walk_children(struct walk *w, Dwarf_Die *parent, unsigned depth);

static bool visit(struct walk *w, Dwarf_Die *die, unsigned depth)
{
    const int tag = dwarf_tag(die);
    if (tag == DW_TAG_subprogram)
        return add_function(w, die) && walk_children(w, die, depth);
    bool leads_on = tag == DW_TAG_inlined_subroutine || tag == DW_TAG_lexical_block || dwarf_is_scope(tag);
    return !leads_on || walk_children(w, die, depth);
}

/* False when memory is short.  A fault ends the walk along these siblings; what was found stays. */
static bool walk_children(struct walk *w, Dwarf_Die *parent, unsigned depth)
{
    struct dwarf_children c = {.parent = parent, .depth = depth, .last = &w->last};
    while (dwarf_children_next(&c))
        if (!visit(w, &c.die, depth + 1))
            return false;
    w->is_broken |= c.is_broken;
    return true;
}

bool dwarf_fits_add_functions(struct dwarf_fits *f, Dwarf_Die *unit, const struct split_unit *split, size_t index,
                              bool *broken)
{
    struct walk w = {.fits = f, .split = split, .unit = index, .last = dwarf_dieoffset(unit)};
    Dwarf_Attribute attribute;
    const char *producer = dwarf_formstring(dwarf_attr(unit, DW_AT_producer, &attribute));
    f->is_by_wast |= producer && strncmp(producer, "wast ", 5) == 0;
    bool ok = walk_children(&w, unit, 0);
    *broken |= w.is_broken;
    return ok;
}

/* One sequence that goes from the beginning of a body over those behind it is several, one for each. */
static bool add_sequence(struct dwarf_fits *f, struct line_program *p, size_t unit, const struct line_row *first,
                         uint64_t program)
{
    struct line_row row = *first;
    bool is_dropped = dwarf_is_dropped(first->address);
    struct dwarf_extent *e = NULL;
    do {
        size_t body = code_body_at(f->code, row.address);
        bool begins = e && row.address > e->low && !row.ends && code_body_begins(f->code, body, row.address);
        if (begins && body && e->low < code_body_end(f->code, body - 1))
            e->high = code_body_end(f->code, body - 1); /* not the size of the body behind it */
        if (!is_dropped && (!e || begins)) {
            e = f->sequences.count < EXTENTS_MAX ? add(&f->sequences) : NULL;
            if (!e)
                return f->sequences.count == EXTENTS_MAX;
            *e = (struct dwarf_extent){
                .low = row.address, .high = row.address, .unit = unit, .program = program, .continues = begins};
        }
        if (e && row.address > e->high)
            e->high = row.address;
    } while (!row.ends && line_program_next(p, &row));
    return true;
}

bool dwarf_fits_add_sequences(struct dwarf_fits *f, struct line_program *p, size_t unit)
{
    struct line_row row;
    uint64_t program = line_program_offset(p);
    while (f->sequences.count < EXTENTS_MAX && line_program_next(p, &row)) {
        if (!add_sequence(f, p, unit, &row, program))
            return false;
        program = line_program_offset(p);
    }
    return true;
}

/* What the extent fits, with all addresses moved.  A function begins where a body begins.  The lines of one may begin
 * later: where the compiler made its beginning without any. */
static enum dwarf_fit fit(const struct symbol_code *c, const struct dwarf_extent *e, uint64_t shift, bool is_function,
                          size_t *body)
{
    uint64_t low = e->low + shift, high = e->high + shift;
    *body = code_body_at(c, low);
    if (*body == c->count || high > code_body_end(c, *body) || (is_function && !code_body_begins(c, *body, low)))
        return FIT_NOT;
    bool lost_end = is_function && high == low;
    if (lost_end || high == code_body_end(c, *body))
        return FIT_WHOLE;
    return low == code_body_start(c, *body) ? FIT_NOT : FIT_WITHIN; /* code that moved by a byte seems to begin there */
}

static size_t count_whole(const struct dwarf_fits *f, uint64_t shift)
{
    size_t count = 0, body;
    for (size_t i = 0; i < f->functions.count; i++)
        count += fit(f->code, &f->functions.items[i], shift, true, &body) == FIT_WHOLE;
    return count;
}

/* wasm-tools 1.262 (`parse -g`), whose library is called wast, counts from behind the code section's count, not from the
 * beginning of its content.  A version that does not will not fit like that. */
static uint64_t find_shift(const struct dwarf_fits *f)
{
    return f->is_by_wast && count_whole(f, f->code->count_size) == f->functions.count ? f->code->count_size : 0;
}

static int compare_functions(const void *left, const void *right)
{
    const struct dwarf_extent *a = left, *b = right;
    if (a->unit != b->unit)
        return a->unit < b->unit ? -1 : 1;
    if (a->low != b->low)
        return a->low < b->low ? -1 : 1;
    return a->die.addr < b->die.addr ? -1 : a->die.addr > b->die.addr;
}

/* Whether a function of the unit, whether it fits or not, holds where the sequence begins. */
static bool has_function(const struct dwarf_fits *f, const struct dwarf_extent *sequence)
{
    const struct dwarf_extent *items = f->functions.items;
    size_t low = 0, high = f->functions.count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const struct dwarf_extent *e = &items[middle];
        if (e->unit < sequence->unit || (e->unit == sequence->unit && e->low <= sequence->low))
            low = middle + 1;
        else
            high = middle;
    }
    const struct dwarf_extent *e = low ? &items[low - 1] : NULL;
    return e && e->unit == sequence->unit && (sequence->low < e->high || sequence->low == e->low);
}

/* The last of several functions that say they are one body, as libdw's order of ranges has it. */
static void take_functions(struct dwarf_fits *f)
{
    for (size_t i = 0; i < f->functions.count; i++) {
        const struct dwarf_extent *e = &f->functions.items[i];
        int32_t *taken = e->fit ? &f->function_of[e->body] : NULL;
        if (taken && (*taken == FITS_NONE || f->functions.items[*taken].fit <= e->fit))
            *taken = (int32_t)i;
    }
}

/* Whether a sequence is the lines of the function that its body is, or of a body that no function of an entry is. */
static bool is_believed(const struct dwarf_fits *f, const struct dwarf_extent *sequence)
{
    if (!sequence->fit)
        return false;
    int32_t function = f->function_of[sequence->body];
    return function == FITS_NONE ? sequence->is_alone : f->functions.items[function].unit == sequence->unit;
}

/* Leaves the sequences that are believed.  What continues one that is not is none, and lines that end early are none where
 * others go to the end. */
static void sift_sequences(struct dwarf_fits *f, bool *whole)
{
    struct dwarf_extents *s = &f->sequences;
    bool before = true;
    memset(whole, 0, f->code->count * sizeof *whole);
    for (size_t i = 0; i < s->count; i++) {
        struct dwarf_extent *e = &s->items[i];
        before = is_believed(f, e) && (before || !e->continues);
        if (!before)
            e->fit = FIT_NOT;
        else if (e->fit == FIT_WHOLE)
            whole[e->body] = true;
    }
    size_t kept = 0;
    for (size_t i = 0; i < s->count; i++)
        if (s->items[i].fit == FIT_WHOLE || (s->items[i].fit == FIT_WITHIN && !whole[s->items[i].body]))
            s->items[kept++] = s->items[i];
    s->count = kept;
}

static int compare_sequences(const void *left, const void *right)
{
    const struct dwarf_extent *a = left, *b = right;
    if (a->low != b->low)
        return a->low < b->low ? -1 : 1;
    return a->program < b->program ? -1 : a->program > b->program;
}

static uint64_t low_of(const void *extent)
{
    return ((const struct dwarf_extent *)extent)->low;
}

const struct dwarf_extent *dwarf_fits_sequence(const struct dwarf_fits *f, size_t body, uint64_t address)
{
    const struct dwarf_extents *s = &f->sequences;
    size_t until =
        address < f->shift ? 0 : order_until(s->items, s->count, sizeof *s->items, address - f->shift, low_of);
    const struct dwarf_extent *e = until ? &s->items[until - 1] : NULL;
    return e && e->body == body ? e : NULL;
}

/* Adds one to each body that the extent covers; what is to be added to a body stands in *change of it and those before. */
static void cover(const struct dwarf_fits *f, const struct dwarf_extent *e, int32_t *change)
{
    const struct symbol_code *c = f->code;
    uint64_t at = e->low + f->shift, high = e->high > e->low ? e->high + f->shift : at + 1;
    size_t first = 0, end = c->count;
    while (first < end) { /* the first body that ends behind the beginning */
        size_t middle = first + (end - first) / 2;
        if (code_body_end(c, middle) <= at)
            first = middle + 1;
        else
            end = middle;
    }
    size_t behind = first;
    for (size_t top = c->count; behind < top;) { /* the first that begins behind the end */
        size_t middle = behind + (top - behind) / 2;
        if (code_body_start(c, middle) < high)
            behind = middle + 1;
        else
            top = middle;
    }
    change[first]++;
    change[behind]--;
}

/* Counts what does not fit, and in `change` where it says it is. */
static void count_misfits(struct dwarf_fits *f, int32_t *change)
{
    struct dwarf_extents *lists[] = {&f->functions, &f->sequences};
    for (size_t k = 0; k < 2; k++)
        for (size_t i = 0; i < lists[k]->count; i++) {
            const struct dwarf_extent *e = &lists[k]->items[i];
            if (!e->is_judged)
                continue;
            f->told++;
            f->misfits += e->fit == FIT_NOT;
            if (e->fit == FIT_NOT)
                cover(f, e, change);
        }
}

/* What is_other tells of bodies, and how many bytes they are. */
static void count_other(struct dwarf_fits *f, int32_t *change, bool *has_lines)
{
    memset(has_lines, 0, f->code->count * sizeof *has_lines);
    for (size_t i = 0; i < f->sequences.count; i++)
        has_lines[f->sequences.items[i].body] = true;
    int32_t covered = 0;
    for (size_t b = 0; b < f->code->count; b++) {
        uint64_t size = code_body_end(f->code, b) - code_body_start(f->code, b);
        covered += change[b];
        f->is_other[b] = covered > 0 && f->function_of[b] == FITS_NONE && !has_lines[b];
        f->code_bytes += size;
        f->other_bytes += f->is_other[b] ? size : 0;
    }
}

/* A linker keeps one of several copies of an inline function; what told of the others may now be at the one that it
 * kept, and says nothing about the rest of the debug information. */
static void pass_over_copies(struct dwarf_extents *list, const bool *whole, size_t count)
{
    for (size_t i = 0; i < list->count; i++) {
        struct dwarf_extent *e = &list->items[i];
        if (!e->is_judged || e->fit == FIT_WHOLE || e->body == count || !whole[e->body])
            continue;
        e->is_judged = false;
        e->fit = FIT_NOT;
    }
}

static void mark_whole(const struct dwarf_extents *list, bool *whole)
{
    for (size_t i = 0; i < list->count; i++)
        if (list->items[i].is_judged && list->items[i].fit == FIT_WHOLE)
            whole[list->items[i].body] = true;
}

/* An extent that begins rightly and ends early is about a function that was shorter, unless all of them end early: then
 * the compiler does not count to the end. */
static void doubt(struct dwarf_fits *f)
{
    struct dwarf_extents *lists[] = {&f->functions, &f->sequences};
    bool has_others = false;
    for (size_t k = 0; k < 2; k++)
        for (size_t i = 0; i < lists[k]->count; i++)
            has_others |= lists[k]->items[i].is_judged && lists[k]->items[i].fit != FIT_WITHIN;
    for (size_t k = 0; k < 2 && has_others; k++)
        for (size_t i = 0; i < lists[k]->count; i++)
            if (lists[k]->items[i].is_judged && lists[k]->items[i].fit == FIT_WITHIN)
                lists[k]->items[i].fit = FIT_NOT;
}

/* `whole` has a place for each body, all false. */
static void classify(struct dwarf_fits *f, bool *whole)
{
    f->shift = find_shift(f);
    if (f->functions.count)
        qsort(f->functions.items, f->functions.count, sizeof *f->functions.items, compare_functions);
    for (size_t i = 0; i < f->functions.count; i++) {
        struct dwarf_extent *e = &f->functions.items[i];
        e->fit = fit(f->code, e, f->shift, true, &e->body);
        e->is_judged = true;
    }
    mark_whole(&f->functions, whole);
    for (size_t i = 0; i < f->sequences.count; i++) {
        struct dwarf_extent *e = &f->sequences.items[i];
        e->fit = fit(f->code, e, f->shift, false, &e->body);
        e->is_judged = e->is_alone = !has_function(f, e);
        if (e->is_alone && e->body < f->code->count && whole[e->body]) { /* of another unit's function: a copy */
            e->is_judged = false;
            e->fit = FIT_NOT;
        }
    }
    mark_whole(&f->sequences, whole);
    pass_over_copies(&f->functions, whole, f->code->count);
    pass_over_copies(&f->sequences, whole, f->code->count);
    doubt(f);
}

bool dwarf_fits_decide(struct dwarf_fits *f)
{
    size_t count = f->code->count;
    f->function_of = malloc((count + 1) * sizeof *f->function_of);
    f->is_other = calloc(count + 1, sizeof *f->is_other);
    bool *whole = calloc(count + 1, sizeof *whole);
    int32_t *change = calloc(count + 1, sizeof *change);
    bool ok = f->function_of && f->is_other && whole && change;
    for (size_t b = 0; b < count && ok; b++)
        f->function_of[b] = FITS_NONE;
    if (ok) {
        classify(f, whole);
        take_functions(f);
        count_misfits(f, change);
        sift_sequences(f, whole);
        count_other(f, change, whole);
        if (f->sequences.count)
            qsort(f->sequences.items, f->sequences.count, sizeof *f->sequences.items, compare_sequences);
    }
    free(whole);
    free(change);
    return ok;
}

void dwarf_fits_release(struct dwarf_fits *f)
{
    free(f->functions.items);
    free(f->sequences.items);
    free(f->function_of);
    free(f->is_other);
    *f = (struct dwarf_fits){0};
}
