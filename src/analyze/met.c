#include "analyze/met.h"

static mark side_of(mark m, enum defect_kind kind)
{
    return kind == DEFECT_SILENT_LOAD_AFTER_LOAD ? m & ~(mark)MARK_UNREAD : m & ~(mark)MARK_FLAGS;
}

static bool is_partner(mark m, enum defect_kind kind)
{
    return kind != DEFECT_DEAD_STORE || m & MARK_UNREAD;
}

/* Adds the pairs of `count` accesses of a kind, each distinct first side once.  DEFECT_SILENT_LOAD_AFTER_LOAD stands for
 * both kinds of silent loads. */
static bool add_pairs(struct met_counts *c, const struct met *met, enum defect_kind kind, site_id second,
                      uint64_t count)
{
    for (unsigned i = 0; i < met->lanes; i++) {
        mark side = side_of(met->marks[i], kind);
        uint64_t bytes = 0;
        bool seen = !is_partner(met->marks[i], kind);
        for (unsigned j = 0; j < met->lanes; j++) {
            if (!is_partner(met->marks[j], kind) || side_of(met->marks[j], kind) != side)
                continue;
            seen = seen || j < i;
            bytes += met->bytes;
        }
        if (seen)
            continue;
        enum defect_kind exact = kind;
        if (kind == DEFECT_SILENT_LOAD_AFTER_LOAD && side & MARK_PUT)
            exact = DEFECT_SILENT_LOAD_AFTER_STORE;
        site_id first = side ? mark_site(side) : SITE_NONE;
        if (!pair_table_add_many(&c->pairs, exact, first, second, count, count * bytes))
            return false;
    }
    return true;
}

bool met_pairs(struct met_counts *c, const struct met *met, mark own, uint64_t count)
{
    site_id id = mark_site(own);
    if (site_get(c->table, id)->kind == ACCESS_STORE)
        return add_pairs(c, met, own & MARK_PUT ? DEFECT_DEAD_STORE : DEFECT_SILENT_STORE, id, count);
    for (unsigned i = 0; i < met->lanes; i++)
        if (!met->marks[i] || mark_site(met->marks[i]) == SITE_NONE)
            return true; /* not silent */
    return add_pairs(c, met, DEFECT_SILENT_LOAD_AFTER_LOAD, id, count);
}

void met_count(struct met_counts *c, const struct site *site, uint64_t count)
{
    c->accesses[site->kind] += count;
    *(site->kind == ACCESS_STORE ? &c->bytes_stored : &c->bytes_loaded) += count * site->width;
}

bool met_account(struct met_counts *c, const struct met *met, mark own, uint64_t count)
{
    const struct site *site = site_get(c->table, mark_site(own));
    if (site->kind != ACCESS_STORE || own & MARK_PUT)
        met_count(c, site, count);
    return met_pairs(c, met, own, count);
}

bool met_part(struct met_counts *c, mark own, mark met, uint32_t bytes, uint64_t stamp)
{
    enum defect_kind kind = own & MARK_PUT ? DEFECT_DEAD_STORE : DEFECT_SILENT_STORE;
    mark side = side_of(met, kind);
    return pair_table_add(&c->pairs, kind, side ? mark_site(side) : SITE_NONE, mark_site(own), bytes, stamp);
}

bool met_merge(struct met_counts *to, const struct met_counts *from)
{
    for (size_t i = 0; i < sizeof to->accesses / sizeof *to->accesses; i++)
        to->accesses[i] += from->accesses[i];
    to->bytes_loaded += from->bytes_loaded;
    to->bytes_stored += from->bytes_stored;
    return pair_table_merge(&to->pairs, &from->pairs);
}
