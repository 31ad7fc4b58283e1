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

/* Granules that are not mixed, from the one at `address` on; returns the bytes of those that were judged. */
static uint64_t judge_granules(struct judge *j, const struct planes *p, uint64_t address, uint64_t size)
{
    const mark *touch = plane_marks(p->plane[PLANE_TOUCH] + address);
    const mark *writer = plane_marks(p->plane[PLANE_WRITER] + address);
    uint64_t n = size / GRANULE, i = 0;
    while (i < n && !(touch[i] & MARK_MIXED_BIT)) {
        uint64_t end = i + 1; /* of a run of granules that are alike */
        while (end < n && touch[end] == touch[i] && (!j->access->flag || writer[end] == writer[i]))
            end++;
        judge_mark(j, touch[i], writer[i], (end - i) * GRANULE);
        i = end;
    }
    return i * GRANULE;
}

/* Mixed granules, from the one at `address` on: bytes of pixels, say, have the same marks again and again. */
static uint64_t judge_mixed(struct judge *j, const struct planes *p, uint64_t address, uint64_t size)
{
    mark writer[GRANULE] = {0}, other_writer[GRANULE];
    const mark *touch = size < GRANULE ? NULL : planes_mixed(p, address);
    if (!touch)
        return 0;
    if (j->access->flag)
        planes_writers(p, address, writer);
    uint64_t n = GRANULE;
    for (; n + GRANULE <= size; n += GRANULE) {
        const mark *other = planes_mixed(p, address + n);
        if (!other || memcmp(other, touch, GRANULE * sizeof(mark)) != 0)
            break;
        if (!j->access->flag)
            continue;
        planes_writers(p, address + n, other_writer);
        if (memcmp(other_writer, writer, sizeof writer) != 0)
            break;
    }
    for (unsigned i = 0; i < GRANULE; i++)
        judge_mark(j, touch[i], writer[i], n / GRANULE);
    return n;
}

bool range_judge(const struct planes *p, const struct access *x, struct pair_table *pairs, uint64_t stamp)
{
    struct judge j; /* whose arrays need no initial values */
    j.access = x;
    j.pairs = pairs;
    j.stamp = stamp;
    j.dead.kind = DEFECT_DEAD_STORE;
    j.silent.kind = DEFECT_SILENT_STORE;
    j.dead.used = j.silent.used = 0;
    j.failed = false;
    uint64_t at = x->address, left = x->length;
    while (left) {
        uint64_t n = at % GRANULE == 0 ? judge_granules(&j, p, at, left) : 0;
        if (n == 0 && at % GRANULE == 0)
            n = judge_mixed(&j, p, at, left);
        if (n == 0) { /* a part of a granule */
            mark touch, writer;
            n = planes_look(p, at, left < GRANULE ? left : GRANULE - at % GRANULE, &touch, &writer);
            judge_mark(&j, touch, writer, n);
        }
        at += n;
        left -= n;
    }
    flush(&j, &j.dead);
    flush(&j, &j.silent);
    return !j.failed;
}
