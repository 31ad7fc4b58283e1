#include "analyze/late.h"

#include "analyze/scalar.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <time.h>

enum {
    POLL_NANOSECONDS = 150000, /* more often, and the polls' interrupts slow down the program */
    TURNS = 256,
    ROOM_AT_FIRST = 4096, /* bytes: tables learn when the log is taken; then twice as much each time */
};

struct late_log {
    const struct site_table *table;
    struct planes *planes;
    struct met_counts *counts;
    uint64_t *others; /* by site: accesses that met something else than habit.key, of which the cell no longer knows */
    uint64_t *left; /* by site: accesses that were left to the host, or met rows of bytes that its table did not hold */
    uint64_t entries; /* in all */
    unsigned turn;    /* of marks that want an entry */
    uint32_t start;   /* where the log begins at present */
    bool failed;

    pthread_mutex_t lock; /* of all above, and of the planes while an entry is judged */
    pthread_t thread;
    bool joined;
    atomic_bool stop;
};

static void put_u64(uint8_t *at, uint64_t value)
{
    memcpy(at, &value, sizeof value);
}

/* Words that the program's code and its host share. */
static _Atomic uint32_t *shared_word(const struct late_log *l, uint32_t at)
{
    /* NOLINTNEXTLINE(bugprone-casting-through-void): memory of the guest's, which has no type */
    return (_Atomic uint32_t *)(void *)(l->planes->plane[PLANE_CELLS] + at);
}

static struct hot_table table_of(const struct site *site, enum hot_which which)
{
    return hot_table(&site->habit, site->kind == ACCESS_STORE, site->width, which);
}

static uint8_t *entry_at(const struct late_log *l, const struct site *site, const struct hot_table *t, unsigned n)
{
    return l->planes->plane[PLANE_CELLS] + site->cell + t->at + ((size_t)n << t->entry_log2);
}

/* So many accesses met the marks of a key of the table. */
static void add(struct late_log *l, const struct hot_table *t, const uint8_t *key, mark own, uint64_t count)
{
    mark marks[8];
    memcpy(marks, key, t->lanes * sizeof *marks);
    const struct met met = {marks, t->lanes, t->bytes};
    l->failed |= !met_pairs(l->counts, &met, own, count);
}

static bool is_silent(const struct site *site, mark own)
{
    return site->kind == ACCESS_STORE && !(own & MARK_PUT);
}

/* Whether marks take the place of those that an entry of a table holds.  Code goes on missing what was there until the log is taken
 * again, so the rare ones must not: but what is met again and again from now on gets its turn. */
static bool takes_entry(struct late_log *l, const uint8_t *entry)
{
    return record_u32(entry) == MARK_NEVER || ++l->turn % TURNS == 0;
}

/* One access met marks that were not in its site's table, at least when it wrote this.  They may be put there, so that code
 * finds them next time. */
static void take_met(struct late_log *l, const struct hot_table *t, mark own, const uint8_t *key)
{
    size_t index = mark_site(own) - SITE_FIRST;
    const struct site *site = &l->table->sites[index];
    mark marks[8];
    memcpy(marks, key, t->lanes * sizeof *marks);
    uint8_t *entry = entry_at(l, site, t, hot_entry(&t->habit, hot_row_mark(t, marks)));
    uint64_t count = record_u64(entry + t->key_size);
    l->left[index] += hot_is_of_rows(t);
    if (memcmp(entry, key, t->lanes * sizeof *marks) == 0) {
        put_u64(entry + t->key_size, count + 1);
    } else if (!takes_entry(l, entry)) {
        add(l, t, key, own, 1);
        l->others[index] += is_silent(site, own) ? 0 : 1;
    } else {
        if (count)
            add(l, t, entry, own, count);
        l->others[index] += is_silent(site, own) ? 0 : count;
        memcpy(entry, key, t->lanes * sizeof *marks);
        put_u64(entry + t->key_size, 1);
    }
}

/* The marks that the granules had come back, where this entry is the first to speak of them: true if it is for all. */
static bool restore(struct late_log *l, const struct site *site, uint32_t address, const uint8_t *marks)
{
    uint8_t *touch = l->planes->plane[PLANE_TOUCH] + (address & ~(uint32_t)(GRANULE - 1));
    unsigned touched = address % GRANULE + site->width;
    bool first = true;
    for (unsigned i = 0; i < touched; i += GRANULE) { /* a mark is as wide as its granule */
        if (record_u32(marks + i) != MARK_PENDING)
            memcpy(touch + i, marks + i, sizeof(mark));
        else
            first = false;
    }
    return first;
}

static void take_access(struct late_log *l, mark own, uint32_t address, bool silent, const uint8_t *marks)
{
    size_t index = mark_site(own) - SITE_FIRST;
    const struct site *site = &l->table->sites[index];
    bool first = restore(l, site, address, marks);
    /* Narrow ones split granules themselves: they are left nearly only because what touched the granule before them was. */
    l->left[index] += first || site->width >= GRANULE;
    l->others[index]++;
    planes_unwatch(l->planes, address, site->width);
    l->failed |= !scalar_judge(l->planes, l->counts, own, address, silent);
    planes_settle(l->planes, address, site->width);
}

static void take_all(struct late_log *l)
{
    const uint8_t *log = l->planes->plane[PLANE_CELLS];
    const uint8_t *at = log + l->start, *end = log + *shared_word(l, CELLS_LATE_AT);
    while (at < end) {
        l->entries++;
        uint32_t word = record_u32(at);
        mark own = word & ~(LOG_COUNT | LATE_SILENT); /* LOG_LANES is the same bit as LATE_SILENT */
        const struct site *site = site_get(l->table, mark_site(own));
        if (word & LOG_COUNT) {
            const struct hot_table t = table_of(site, word & LOG_LANES       ? HOT_MIXED
                                                      : is_silent(site, own) ? HOT_SILENT
                                                                             : HOT_MET);
            take_met(l, &t, own, at + 4);
            at += (4u + 4u * t.lanes + 7) & ~7u;
        } else {
            take_access(l, own, record_u32(at + 4), word & LATE_SILENT, at + 8);
            at += 8 + 4 * late_granules(site->width);
        }
    }
    *shared_word(l, CELLS_LATE_AT) = l->start;
}

/* The program has filled the log: next time it gets more room. */
static void make_room(struct late_log *l)
{
    const uint32_t limit = LATE_SIZE - LATE_SLACK;
    uint32_t room = 2 * (limit - l->start);
    l->start = room < limit - LATE_START ? limit - room : LATE_START;
    *shared_word(l, CELLS_LATE_AT) = l->start;
}

bool late_log_take(struct late_log *l)
{
    pthread_mutex_lock(&l->lock);
    take_all(l);
    bool ok = !l->failed;
    pthread_mutex_unlock(&l->lock);
    return ok;
}

static void *thread_main(void *self)
{
    struct late_log *l = self;
    prctl(PR_SET_TIMERSLACK, 1UL, 0UL, 0UL, 0UL); /* else a poll takes 50 microseconds more */
    while (!atomic_load(&l->stop)) {
        if (atomic_load(shared_word(l, CELLS_LATE_FULL))) {
            late_log_take(l);
            make_room(l);
            atomic_store(shared_word(l, CELLS_LATE_FULL), 0);
            continue;
        }
        nanosleep(&(struct timespec){.tv_nsec = POLL_NANOSECONDS}, NULL);
    }
    return NULL;
}

/* Keys for the entries of a table: the marks that its site is known to meet; of rows of bytes nothing is known. */
static void put_keys(const struct late_log *l, const struct site *site, enum hot_which which)
{
    const struct habit *h = &site->habit;
    const struct hot_table t = table_of(site, which);
    const uint32_t *marks = l->table->habits->marks + h->marks + (which == HOT_SILENT ? (size_t)1 << h->met.log2 : 0);
    for (unsigned n = 0; n < 1u << t.habit.log2; n++) {
        mark key[8] = {0};
        for (unsigned lane = 0; lane < t.key_size / sizeof *key; lane++)
            key[lane] = which != HOT_MIXED && marks[n] ? marks[n] : MARK_NEVER;
        memcpy(entry_at(l, site, &t, n), key, t.key_size);
    }
}

/* Whether there is hot code at all. */
static bool prepare_cells(struct late_log *l)
{
    bool any = false;
    for (size_t i = 0; i < l->table->count; i++) {
        const struct site *s = &l->table->sites[i];
        if (!s->cell || !habit_is_hot(&s->habit))
            continue;
        any = true;
        put_keys(l, s, HOT_MET);
        if (s->kind == ACCESS_STORE)
            put_keys(l, s, HOT_SILENT);
        if (s->habit.mixed.log2)
            put_keys(l, s, HOT_MIXED);
    }
    return any;
}

struct late_log *late_log_new(const struct site_table *table, struct planes *planes, struct met_counts *counts,
                              struct error *err)
{
    struct late_log *l = calloc(1, sizeof *l);
    if (!l) {
        error_no_memory(err);
        return NULL;
    }
    *l = (struct late_log){.table = table, .planes = planes, .counts = counts, .joined = true};
    l->others = calloc(table->count + 1, sizeof *l->others);
    l->left = calloc(table->count + 1, sizeof *l->left);
    pthread_mutex_init(&l->lock, NULL);
    bool ok = l->others && l->left;
    l->start = LATE_SIZE - LATE_SLACK - ROOM_AT_FIRST;
    *shared_word(l, CELLS_LATE_AT) = l->start;
    if (ok && prepare_cells(l))
        ok = pthread_create(&l->thread, NULL, thread_main, l) == 0 && !(l->joined = false);
    if (ok)
        return l;
    late_log_free(l);
    error_no_memory(err);
    return NULL;
}

static void join(struct late_log *l)
{
    if (l->joined)
        return;
    atomic_store(&l->stop, true);
    pthread_join(l->thread, NULL);
    l->joined = true;
}

void late_log_free(struct late_log *l)
{
    if (!l)
        return;
    join(l);
    free(l->others);
    free(l->left);
    pthread_mutex_destroy(&l->lock);
    free(l);
}

/* What a table holds; returns how many accesses those are. */
static uint64_t take_table(struct late_log *l, const struct site *site, enum hot_which which, mark own)
{
    const struct hot_table t = table_of(site, which);
    uint64_t sum = 0;
    for (unsigned n = 0; n < 1u << t.habit.log2; n++) {
        const uint8_t *entry = entry_at(l, site, &t, n);
        uint64_t count = record_u64(entry + t.key_size);
        if (count)
            add(l, &t, entry, own, count);
        sum += count;
    }
    return sum;
}

static void take_cell(struct late_log *l, size_t index, uint64_t runs)
{
    const struct site *s = &l->table->sites[index];
    bool store = s->kind == ACCESS_STORE;
    mark own = mark_make((site_id)(SITE_FIRST + index), store ? MARK_PUT | MARK_UNREAD : 0);
    uint64_t others =
        l->others[index] + take_table(l, s, HOT_MET, own) + record_u64(l->planes->plane[PLANE_CELLS] + s->cell);
    if (store)
        take_table(l, s, HOT_SILENT, own & ~(mark)MARK_FLAGS);
    if (s->habit.mixed.log2)
        take_table(l, s, HOT_MIXED, own);
    met_count(l->counts, s, runs);
    if (s->habit.kind != HABIT_STEADY || runs <= others)
        return;
    const mark key[4] = {s->habit.key, s->habit.key, s->habit.key, s->habit.key};
    const struct hot_table t = table_of(s, HOT_MET);
    add(l, &t, (const uint8_t *)key, own, runs - others);
}

bool late_log_finish(struct late_log *l, uint64_t (*cut_off)(void *self, const struct site *site), void *self)
{
    join(l);
    take_all(l);
    for (size_t i = 0; i < l->table->count; i++) {
        const struct site *s = &l->table->sites[i];
        if (s->cell && habit_is_hot(&s->habit))
            take_cell(l, i, record_u64(l->planes->plane[PLANE_CELLS] + s->counter) - cut_off(self, s));
    }
    return !l->failed;
}

uint64_t late_log_left(const struct late_log *l, size_t site)
{
    return l->left[site];
}

uint64_t late_log_entries(const struct late_log *l)
{
    return l->entries;
}
