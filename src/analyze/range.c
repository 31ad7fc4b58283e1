#include "analyze/range.h"

/* Marks change from granule to granule in a pixel buffer, say, but there are few of them: they are summed up here first, since
 * a look into the table of pairs costs many times as much. */
enum { SUMS_LOG2 = 6, SUMS = 1 << SUMS_LOG2 };

struct sums {
    mark first[SUMS];
    uint64_t bytes[SUMS]; /* 0: the place is free */
    enum defect_kind kind;
};

struct judge {
    const struct access *access;
    struct pair_table *pairs;
    uint64_t stamp;
    struct sums dead, silent;
    bool failed;
};

static void flush_one(struct judge *j, const struct sums *s, unsigned at)
{
    if (s->bytes[at])
        j->failed |= !pair_table_add(j->pairs, s->kind, s->first[at] ? mark_site(s->first[at]) : SITE_NONE,
                                     j->access->site, s->bytes[at], j->stamp);
}

static void add(struct judge *j, struct sums *s, mark first, uint64_t bytes)
{
    unsigned at = first * UINT32_C(0x9e3779b1) >> (32 - SUMS_LOG2);
    if (s->first[at] != first) {
        flush_one(j, s, at);
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
    const mark *touch = (const mark *)(void *)(p->plane[PLANE_TOUCH] + address);
    const mark *writer = (const mark *)(void *)(p->plane[PLANE_WRITER] + address);
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
    const mark *writer, *other_writer;
    const mark *touch = size < GRANULE ? NULL : planes_mixed(p, address, &writer);
    if (!touch)
        return 0;
    uint64_t n = GRANULE;
    for (; n + GRANULE <= size; n += GRANULE) {
        const mark *other = planes_mixed(p, address + n, &other_writer);
        if (!other || memcmp(other, touch, GRANULE * sizeof(mark)) != 0 ||
            (j->access->flag && memcmp(other_writer, writer, GRANULE * sizeof(mark)) != 0))
            break;
    }
    for (unsigned i = 0; i < GRANULE; i++)
        judge_mark(j, touch[i], writer[i], n / GRANULE);
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
    for (unsigned i = 0; i < SUMS; i++) {
        flush_one(&j, &j.dead, i);
        flush_one(&j, &j.silent, i);
    }
    return !j.failed;
}
