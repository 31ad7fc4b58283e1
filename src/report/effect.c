#include "report/effect.h"

/* Nanoseconds, by width.  Measured on 2026-12-01 by `python3 bench/effect.py --repeat 7` on a shared x86-64 server of 2023 (Intel Xeon, Sapphire
 * Rapids).  Only their relations count.  Loads took 0.03 to 0.09, in no order of width that would show again. */
enum { WIDTHS = 5 }; /* 1, 2, 4, 8, 16 bytes */
static const double loads[WIDTHS] = {0.06, 0.06, 0.06, 0.06, 0.06};
static const double stores[WIDTHS] = {0.16, 0.16, 0.16, 0.16, 0.16};
static const double chains[WIDTHS] = {1.81, 1.94, 0.25, 0.26, 0.27}; /* a store and the load that waits for it */
static const double round_of_scan = 0.35; /* a load, a comparison and a branch, each for the one before */
static const double updates[WIDTHS] = {6.64, 6.92, 7.00, 7.13, 7.13};
static const double bulk_call = 4, bulk_byte = 0.006;

/* How much of its accesses a mended pair leaves out, at best, by class (and of those without one by kind).  What a rule of docs/classes.md shows to be of no use,
 * at its own place, counts whole; where the program has to find out whether it is, by a comparison or by keeping account, half. */
static const double class_parts[PAIR_CLASSES] = {
    [CLASS_HOUSEKEEPING] = 0.1,
    [CLASS_SPILL_RELOAD] = 1,
    [CLASS_LOOP_INVARIANT_LOAD] = 1,
    [CLASS_LOOP_INVARIANT_STORE] = 1,
    [CLASS_INITIALISED_OVERWRITTEN] = 1,
    [CLASS_WRITTEN_AGAIN] = 0.5,
    [CLASS_FILL_UNCHANGED] = 0.5,
    [CLASS_READ_AGAIN] = 0.5,
    [CLASS_COPY_UNCHANGED] = 0.5,
    [CLASS_SAME_VALUE] = 0.5,
    [CLASS_NEXT_PHASE] = 0.5,
};
static const double kind_parts[DEFECT_KINDS] = {
    [DEFECT_DEAD_STORE] = 0.5,
    [DEFECT_SILENT_STORE] = 0.5,
    [DEFECT_SILENT_LOAD_AFTER_LOAD] = 0.5,
    [DEFECT_SILENT_LOAD_AFTER_STORE] = 0.1, /* ordinary communication */
};
static const double hopeless_part = 0.1; /* no register could have kept it, or a class has no advice */

static unsigned width_row(unsigned width)
{
    unsigned row = 0;
    while (row + 1 < WIDTHS && 1U << row < width)
        row++;
    return row;
}

static bool is_bulk(const struct report_side *side)
{
    return side->access == ACCESS_FILL || side->access == ACCESS_COPY || side->access == ACCESS_INIT;
}

/* What the side's part of the pair costs.  `bytes` of a scalar access may be a part of its width: two that share one count half each.  Calls are
 * counted where they are known: instances are those of second sides. */
static double side_cost(const struct report_pair *pair, const struct report_side *side)
{
    unsigned row = width_row(side->width);
    if (side->origin != ORIGIN_SITE || side->access == ACCESS_CALL)
        return 0;
    if (is_bulk(side)) {
        bool calls = side == &pair->second || is_bulk(&pair->second);
        return (double)pair->bytes * bulk_byte + (calls ? (double)pair->instances * bulk_call : 0);
    }
    double count = side->width ? (double)pair->bytes / side->width : (double)pair->instances;
    switch (side->access) {
    case ACCESS_LOAD:
        return count * loads[row];
    case ACCESS_STORE:
        return count * stores[row];
    default:
        return count * updates[row];
    }
}

/* The part of a pair's bytes that the program fetches too long after for a register to keep them; 0 where that is not known.  What a function that only reads found
 * can be kept for as long as one likes. */
static double far_part(const struct report_pair *pair)
{
    const uint64_t *spans = pair->distance.sums.spans;
    double all = (double)spans[SPAN_ROUND] + (double)spans[SPAN_BETWEEN] + (double)spans[SPAN_FAR];
    bool load = pair->kind == DEFECT_SILENT_LOAD_AFTER_LOAD && pair->what != CLASS_READ_AGAIN;
    return load && pair->distance.known && all > 0 ? (double)spans[SPAN_FAR] / all : 0;
}

static double part_of(const struct report_pair *pair)
{
    if (pair->marks || (pair->what != CLASS_NONE && !pair->advice))
        return hopeless_part;
    double part = pair->what == CLASS_NONE ? kind_parts[pair->kind] : class_parts[pair->what], far = far_part(pair);
    return part * (1 - far) + (part < hopeless_part ? part : hopeless_part) * far;
}

static double estimate(const struct report_pair *pair)
{
    bool dead = pair->kind == DEFECT_DEAD_STORE;
    double cost = side_cost(pair, dead ? &pair->first : &pair->second);
    if (pair->what == CLASS_LOOP_INVARIANT_LOAD && pair->kind == DEFECT_SILENT_LOAD_AFTER_STORE)
        cost = (double)pair->instances * chains[width_row(pair->second.width)];
    if (pair->what == CLASS_READ_AGAIN) /* the loop goes with its loads */
        cost = (double)pair->instances * round_of_scan;
    return cost * part_of(pair);
}

/* As JSON has it, so that a report that is read back is the same. */
static double in_picoseconds(double effect)
{
    return effect < 1e12 ? (double)(uint64_t)(effect * 1000 + 0.5) / 1000 : effect;
}

void effect_estimate(struct report *r)
{
    for (size_t i = 0; i < r->pair_count; i++)
        r->pairs[i].effect = in_picoseconds(estimate(&r->pairs[i]));
}

double effect_of_pair(const struct report_pair *pair)
{
    return pair->effect;
}

/* What all accesses cost.  Of bulk accesses the bytes are not counted apart: they are what is more than the widest word for each scalar access. */
static double all_cost(const struct report *r)
{
    const unsigned word = width_row(8);
    double scalars = (double)r->loads + (double)r->stores + (double)r->rmws;
    double calls = (double)r->fills + (double)r->copies + (double)r->inits;
    double more = (double)r->bytes_loaded + (double)r->bytes_stored - 8 * scalars;
    double cost = (double)r->loads * loads[word] + (double)r->stores * stores[word] +
                  ((double)r->rmws + (double)r->waits) * updates[word] + calls * bulk_call;
    return calls > 0 && more > 0 ? cost + more * bulk_byte : cost;
}

double effect_share(const struct report *r, double effect)
{
    double all = all_cost(r);
    return all <= 0 ? 0 : effect < all ? effect / all : 1;
}

enum effect_grade effect_grade(const struct report *r, double effect)
{
    double share = effect_share(r, effect);
    return share >= EFFECT_HIGH_FROM ? EFFECT_HIGH : share >= EFFECT_MEDIUM_FROM ? EFFECT_MEDIUM : EFFECT_LOW;
}

const char *effect_grade_name(enum effect_grade grade)
{
    static const char *const names[] = {[EFFECT_LOW] = "low", [EFFECT_MEDIUM] = "medium", [EFFECT_HIGH] = "high"};
    return names[grade];
}
