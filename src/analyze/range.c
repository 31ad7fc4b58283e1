#include "analyze/range.h"

/* Marks change from granule to granule in a pixel buffer, say, but there are few of them: they are summed up here first, since
 * a look into the table of pairs costs many times as much. */
enum { SUMS_LOG2 = 6, SUMS = 1 << SUMS_LOG2 };

struct sums {
    mark first[SUMS];
    uint64_t bytes[SUMS];
    uint64_t used; /* a bit for each place: most ranges are small, and meet few marks */
    enum defect_kind kind;
};

struct judge {
    const struct access *access;
    struct pair_table *pairs;
    uint64_t stamp;
    struct sums dead, silent;
    bool failed;
};

static void flush(struct judge *j, struct sums *s)
{
    for (uint64_t left = s->used; left; left &= left - 1) {
        unsigned at = (unsigned)__builtin_ctzll(left); /* the lowest bit that is set; C17 has no name for that */
        mark first = s->first[at];
        j->failed |= !pair_table_add(j->pairs, s->kind, first ? mark_site(first) : SITE_NONE, j->access->site,
                                     s->bytes[at], j->stamp);
    }
    s->used = 0;
}

static void add(struct judge *j, struct sums *s, mark first, uint64_t bytes)
{
    unsigned at = first * UINT32_C(0x9e3779b1) >> (32 - SUMS_LOG2);
    uint64_t bit = UINT64_C(1) << at;
    if (s->used & bit && s->first[at] != first)
        flush(j, s);
    if (!(s->used & bit)) {
        s->used |= bit;
        s->first[at] = first;
        s->bytes[at] = 0;
    }
    s->bytes[at] += bytes;
}

static void judge_mark(struct judge *j, mark touch, mark writer, uint64_t bytes)
{
    if (touch & MARK_UNREAD)
        add(j, &j->dead, touch, bytes);
    if (j->access->flag)
        add(j, &j->silent, writer, bytes);
}

/* Blocks that are alike, from the granule at `address` on: pixels, say, have the same marks again and again. */
static uint64_t judge_run(struct judge *j, const struct planes *p, uint64_t address, uint64_t size)
{
    uint64_t n = planes_run(p, address, size, j->access->flag);
    for (uint64_t i = 0, bytes; i < PLANES_BLOCK; i += bytes) {
        mark touch, writer;
        bytes = planes_look(p, address + i, PLANES_BLOCK - i, &touch, &writer);
        judge_mark(j, touch, writer, n / PLANES_BLOCK * bytes);
    }
    return n;
}

bool range_judge(const struct planes *p, const struct access *x, struct pair_table *pairs, uint64_t stamp)
{
    struct judge j = {.access = x,
                      .pairs = pairs,
                      .stamp = stamp,
                      .dead.kind = DEFECT_DEAD_STORE,
                      .silent.kind = DEFECT_SILENT_STORE};
    uint64_t at = x->address, left = x->length;
    while (left) {
        uint64_t n;
        if (at % GRANULE == 0 && left >= PLANES_BLOCK) {
            n = judge_run(&j, p, at, left);
        } else { /* a part of a granule, or a few */
            mark touch, writer;
            n = planes_look(p, at, left < PLANES_BLOCK ? left : GRANULE - at % GRANULE, &touch, &writer);
            judge_mark(&j, touch, writer, n);
        }
        at += n;
        left -= n;
    }
    flush(&j, &j.dead);
    flush(&j, &j.silent);
    return !j.failed;
}
