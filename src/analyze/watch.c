#include "analyze/watch.h"

#include <stdlib.h>

static void set_countdown(const struct watcher *w)
{
    /* NOLINTNEXTLINE(bugprone-casting-through-void): memory of the guest's, which has no type */
    *(uint32_t *)(void *)(w->planes->plane[PLANE_CELLS] + CELLS_WATCH) = w->interval;
}

static uint64_t counted(const struct watcher *w, uint32_t counter)
{
    return record_u64(w->planes->plane[PLANE_CELLS] + counter);
}

bool watch_open(struct watcher *w, const struct site_table *table, struct planes *planes, const uint64_t *stamp)
{
    *w = (struct watcher){.table = table, .planes = planes, .stamp = stamp, .interval = 1};
    w->counters = calloc(table->count + 1, sizeof *w->counters);
    if (!distances_init(&w->sampled, table) || !w->counters)
        return false;
    set_countdown(w);
    return true;
}

void watch_close(struct watcher *w)
{
    distances_release(&w->sampled);
    free(w->counters);
    *w = (struct watcher){0};
}

static uint64_t counted_by(const struct watcher *w, const struct watch_counter *c)
{
    return counted(w, c->counter) * c->sites;
}

/* Those that have counted hardly anything are left out: there are many of them, and the clock need not be exact. */
static void leave_rare_out(struct watcher *w)
{
    uint64_t all = 0;
    size_t kept = 0;
    for (size_t i = 0; i < w->count; i++)
        all += counted_by(w, &w->counters[i]);
    for (size_t i = 0; i < w->count; i++)
        if (counted_by(w, &w->counters[i]) > all / WATCH_RARE)
            w->counters[kept++] = w->counters[i];
    w->count = kept;
}

/* Looks for counters that count by now.  What is watched has waited by another clock until then: it is left. */
static void look_through(struct watcher *w)
{
    w->count = 0;
    for (size_t i = 0; i < w->table->count; i++) {
        const struct site *s = &w->table->sites[i];
        if (!s->cell)
            continue;
        struct watch_counter *last = w->count ? &w->counters[w->count - 1] : NULL;
        if (last && last->counter == s->counter)
            last->sites++;
        else if (counted(w, s->counter))
            w->counters[w->count++] = (struct watch_counter){s->counter, 1};
    }
    leave_rare_out(w);
    w->spent += w->table->count;
    planes_unwatch(w->planes, 0, UINT64_MAX);
}

/* How many accesses there were so far. */
static void look_at_clock(struct watcher *w)
{
    const uint8_t *cells = w->planes->plane[PLANE_CELLS];
    w->now = *w->stamp + record_u64(cells + CELLS_FILLS) + record_u64(cells + CELLS_COPIES);
    for (size_t i = 0; i < w->count; i++)
        w->now += counted_by(w, &w->counters[i]);
    w->spent += w->count + WATCH_CALL;
}

static bool has_share(const struct watcher *w)
{
    return w->spent < WATCH_FREE + w->now / WATCH_SHARE;
}

/* Sites of a stretch lie one behind the other, and their counter counts all of them at its beginning: the access of a site is so many before
 * the last that was counted. */
static uint64_t still_to_come(const struct watcher *w, site_id id)
{
    const struct site *s = site_get(w->table, id), *end = w->table->sites + w->table->count;
    uint64_t n = 0;
    for (const struct site *next = s + 1; next < end && next->cell && next->counter == s->counter; next++)
        n++;
    return n;
}

/* How often a site has run, when `current` has just done so. */
static uint64_t runs_of(const struct watcher *w, site_id id, site_id current)
{
    uint32_t counter = site_get(w->table, id)->counter;
    bool ahead = id > current && counter == site_get(w->table, current)->counter;
    return counted(w, counter) - ahead;
}

static void put(struct watcher *w, unsigned i, site_id first, uint64_t byte, unsigned fires)
{
    w->watches[i] = (struct watch){.byte = (uint32_t)byte, .first = first, .fires = fires};
    w->watches[i].time = w->now - still_to_come(w, first);
    w->watches[i].runs = runs_of(w, first, first);
    planes_watch(w->planes, i, byte);
}

static uint32_t least(uint32_t a, uint32_t b)
{
    return a < b ? a : b;
}

/* A place that is free, else any: what has waited for long must not be what always gives way, nor what never does. */
static unsigned choose(const struct watcher *w)
{
    for (unsigned i = 0; i < PLANES_WATCHED; i++)
        if (!w->planes->watched[i].live)
            return i;
    return w->turn * UINT32_C(0x9e3779b1) >> 26;
}
_Static_assert(PLANES_WATCHED == 64, "26 bits leave so many");

void watch_begin(struct watcher *w, mark own, uint64_t address)
{
    w->turn++;
    w->ticks += w->interval;
    if (w->ticks >= w->look_at) {
        look_through(w);
        w->look_at = 2 * w->ticks;
    }
    look_at_clock(w);
    bool wanted = has_share(w);
    w->interval =
        wanted ? (w->interval + 1) / 2 : least(2 * w->interval, WATCH_TICKS * (uint32_t)(w->count + WATCH_CALL));
    set_countdown(w);
    if (!wanted)
        return;
    unsigned i = choose(w);
    if (w->planes->watched[i].live)
        planes_unwatch(w->planes, w->watches[i].byte, 1);
    put(w, i, mark_site(own), address, 0);
}

static bool note(struct watcher *w, const struct watch *first, enum defect_kind kind, site_id second, uint64_t time)
{
    struct distance_row *row = distances_find(&w->sampled, kind, first->first, second);
    if (!row)
        return false;
    uint64_t since = time > first->time ? time - first->time - 1 : 0;
    uint32_t between = since < UINT32_MAX ? (uint32_t)since : UINT32_MAX;
    bool latest = runs_of(w, first->first, second) == first->runs + (first->first == second);
    row->sums.buckets[distance_bucket(between)]++;
    row->sums.spans[distance_span((enum distance_order)row->order, between, latest, between < SPAN_CALL_LIMIT)]++;
    return true;
}

/* The access at the end of a watch makes these pairs of its byte. */
static bool note_kinds(struct watcher *w, const struct watch *first, mark own, bool silent, uint64_t time)
{
    mark touch, writer;
    planes_look(w->planes, first->byte, 1, &touch, &writer);
    site_id second = mark_site(own);
    if (mark_site(touch) != first->first)
        return true;
    if (site_get(w->table, second)->kind == ACCESS_LOAD)
        return note(w, first, touch & MARK_PUT ? DEFECT_SILENT_LOAD_AFTER_STORE : DEFECT_SILENT_LOAD_AFTER_LOAD, second,
                    time);
    return (!(touch & MARK_UNREAD) || note(w, first, DEFECT_DEAD_STORE, second, time)) &&
           (!silent || !(touch & MARK_PUT) || note(w, first, DEFECT_SILENT_STORE, second, time));
}

bool watch_before(struct watcher *w, mark own, uint64_t address, bool silent, uint64_t *fired)
{
    site_id second = mark_site(own);
    unsigned width = site_get(w->table, second)->width;
    *fired = planes_unwatch(w->planes, address, width);
    if (!*fired)
        return true;
    look_at_clock(w);
    uint64_t time = w->now - still_to_come(w, second);
    for (uint64_t left = *fired; left; left &= left - 1) {
        struct watch *watch = &w->watches[__builtin_ctzll(left)];
        if (watch->byte >= address && watch->byte < address + width && !note_kinds(w, watch, own, silent, time))
            return false;
    }
    return true;
}

void watch_behind(struct watcher *w, mark own, uint64_t address, uint64_t fired)
{
    site_id second = mark_site(own);
    unsigned width = site_get(w->table, second)->width;
    for (uint64_t left = fired; left; left &= left - 1) {
        unsigned i = (unsigned)__builtin_ctzll(left);
        struct watch *watch = &w->watches[i];
        if (watch->byte < address || watch->byte >= address + width)
            planes_watch(w->planes, i, watch->byte); /* by a neighbour in its granule */
        else if (watch->fires + 1 < WATCH_FIRES && has_share(w))
            put(w, i, second, watch->byte, watch->fires + 1);
    }
}

/* `bytes` bytes in the proportions of so many numbers; what rounding leaves is the largest number's. */
static void spread(uint64_t *numbers, unsigned count, uint64_t bytes)
{
    uint64_t all = 0, left = bytes;
    unsigned best = 0;
    for (unsigned i = 0; i < count; i++) {
        all += numbers[i];
        best = numbers[i] > numbers[best] ? i : best;
    }
    if (!all)
        return;
    for (unsigned i = 0; i < count; i++) {
        numbers[i] = (uint64_t)((double)bytes * ((double)numbers[i] / (double)all));
        numbers[i] = numbers[i] < left ? numbers[i] : left;
        left -= numbers[i];
    }
    numbers[best] += left;
}

static bool give_pair(struct watcher *w, const struct pair_count *pair, struct pair_distance *d)
{
    if (pair->first < SITE_FIRST || pair->second < SITE_FIRST)
        return true;
    if (!distances_of(&w->sampled, pair, d))
        return false;
    for (unsigned k = 0; k < DISTANCE_SPANS; k++)
        d->samples += d->spans[k];
    spread(d->buckets, DISTANCE_BUCKETS, pair->bytes);
    spread(d->spans, DISTANCE_SPANS, pair->bytes);
    d->places = 0;
    return true;
}

bool watch_give(struct watcher *w, struct counters *out)
{
    uint64_t accesses = 0;
    for (size_t i = 0; i < sizeof out->accesses / sizeof *out->accesses; i++)
        accesses += out->accesses[i];
    out->distances_sampled = true;
    if (accesses < WATCH_ACCESSES || !w->planes)
        return true;
    out->distances = calloc(out->pair_count + 1, sizeof *out->distances);
    bool ok = out->distances;
    for (size_t i = 0; ok && i < out->pair_count; i++)
        ok = give_pair(w, &out->pairs[i], &out->distances[i]);
    return ok;
}
