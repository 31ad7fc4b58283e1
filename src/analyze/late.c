#include "analyze/late.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <time.h>

enum {
    POLL_NANOSECONDS = 150000, /* more often, and the polls' interrupts slow down the program */
    ROOM_AT_FIRST = 4096,      /* bytes: tables learn when the log is taken; then twice as much each time */
};

struct late_log {
    const struct site_table *table;
    struct planes *planes;
    struct met_counts *counts;
    uint64_t *others; /* by site: accesses that met something else than habit.key, of which the cell no longer knows */
    uint64_t *left;   /* by site: accesses that were left to the host */
    uint64_t entries; /* in all */
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
    return (_Atomic uint32_t *)(void *)(l->planes->plane[PLANE_CELLS] + at);
}

static uint8_t *table_of(const struct late_log *l, const struct site *site, bool silent)
{
    return l->planes->plane[PLANE_CELLS] + site->cell +
           (silent ? hot_silent_at(&site->habit, site->width) : hot_table_at());
}

/* So many accesses met the marks of a key. */
static void add(struct late_log *l, const struct site *site, const uint8_t *key, mark own, uint64_t count)
{
    mark marks[4];
    unsigned lanes = cell_lanes(site->width);
    memcpy(marks, key, lanes * sizeof *marks);
    const struct met met = {marks, lanes, site->width / lanes};
    l->failed |= !met_pairs(l->counts, &met, own, count);
}

static bool is_silent(const struct site *site, mark own)
{
    return site->kind == ACCESS_STORE && !(own & MARK_PUT);
}

/* One access met marks that were not in its site's table, at least when it wrote this.  They are put there, so that code
 * finds them next time. */
static void take_met(struct late_log *l, mark own, const uint8_t *key)
{
    size_t index = mark_site(own) - SITE_FIRST;
    const struct site *site = &l->table->sites[index];
    bool silent = is_silent(site, own);
    const struct habit_table *t = silent ? &site->habit.silent : &site->habit.met;
    unsigned key_size = cell_key_size(site->width), lanes_size = cell_lanes(site->width) * (unsigned)sizeof(mark);
    uint8_t *entry = table_of(l, site, silent) + hot_entry(t, record_u32(key)) * hot_entry_size(site->width);
    uint64_t count = record_u64(entry + key_size);
    if (memcmp(entry, key, lanes_size) == 0) {
        put_u64(entry + key_size, count + 1);
    } else {
        if (count)
            add(l, site, entry, own, count);
        l->others[index] += silent ? 0 : count;
        memcpy(entry, key, lanes_size);
        put_u64(entry + key_size, 1);
    }
}

/* The marks that the granules had come back, where this entry is the first to speak of them. */
static void restore(struct late_log *l, const struct site *site, uint32_t address, const uint8_t *marks)
{
    uint8_t *touch = l->planes->plane[PLANE_TOUCH] + (address & ~(uint32_t)(GRANULE - 1));
    unsigned touched = address % GRANULE + site->width;
    for (unsigned i = 0; i < touched; i += GRANULE) /* a mark is as wide as its granule */
        if (record_u32(marks + i) != MARK_PENDING)
            memcpy(touch + i, marks + i, sizeof(mark));
}

static void take_access(struct late_log *l, mark own, uint32_t address, bool silent, const uint8_t *marks)
{
    size_t index = mark_site(own) - SITE_FIRST;
    const struct site *site = &l->table->sites[index];
    restore(l, site, address, marks);
    l->left[index]++;
    l->others[index]++;
    bool put = site->kind == ACCESS_STORE;
    mark touch[MET_LANES_MAX], writer[MET_LANES_MAX];
    planes_meet(l->planes, address, site->width, touch, writer);
    const struct met met = {touch, site->width, 1}, writers = {writer, site->width, 1};
    l->failed |= !met_pairs(l->counts, &met, own, 1);
    if (silent)
        l->failed |= !met_pairs(l->counts, &writers, own & ~(mark)MARK_FLAGS, 1);
    l->failed |= !planes_update(l->planes, address, site->width, put ? PLANES_PUT : PLANES_FETCH, own);
    planes_settle(l->planes, address, site->width);
}

static void take_all(struct late_log *l)
{
    const uint8_t *log = l->planes->plane[PLANE_CELLS];
    const uint8_t *at = log + l->start, *end = log + *shared_word(l, CELLS_LATE_AT);
    while (at < end) {
        l->entries++;
        uint32_t word = record_u32(at);
        mark own = word & ~(LOG_COUNT | LATE_SILENT);
        const struct site *site = site_get(l->table, mark_site(own));
        if (word & LOG_COUNT) {
            take_met(l, own, at + 4);
            at += (4 + 4 * cell_lanes(site->width) + 7) & ~7u;
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

/* Keys for the entries of a table: the marks that its site is known to meet. */
static void put_keys(const struct late_log *l, const struct site *site, bool silent)
{
    const struct habit *h = &site->habit;
    const uint32_t *marks = l->table->habits->marks + h->marks + (silent ? (size_t)1 << h->met.log2 : 0);
    uint8_t *entry = table_of(l, site, silent);
    for (unsigned n = 0; n < 1u << (silent ? h->silent.log2 : h->met.log2); n++, entry += hot_entry_size(site->width)) {
        mark key[4] = {marks[n] ? marks[n] : MARK_NEVER};
        key[3] = key[2] = key[1] = key[0];
        memcpy(entry, key, cell_key_size(site->width));
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
        put_keys(l, s, false);
        if (s->kind == ACCESS_STORE)
            put_keys(l, s, true);
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
static uint64_t take_table(struct late_log *l, const struct site *site, bool silent, mark own)
{
    const struct habit_table *t = silent ? &site->habit.silent : &site->habit.met;
    const uint8_t *entry = table_of(l, site, silent);
    uint64_t sum = 0;
    for (unsigned n = 0; n < 1u << t->log2; n++, entry += hot_entry_size(site->width)) {
        uint64_t count = record_u64(entry + cell_key_size(site->width));
        if (count)
            add(l, site, entry, own, count);
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
        l->others[index] + take_table(l, s, false, own) + record_u64(l->planes->plane[PLANE_CELLS] + s->cell);
    if (store)
        take_table(l, s, true, own & ~(mark)MARK_FLAGS);
    met_count(l->counts, s, runs);
    if (s->habit.kind != HABIT_STEADY || runs <= others)
        return;
    const mark key[4] = {s->habit.key, s->habit.key, s->habit.key, s->habit.key};
    add(l, s, (const uint8_t *)key, own, runs - others);
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

const uint64_t *late_log_left(const struct late_log *l)
{
    return l->left;
}

uint64_t late_log_entries(const struct late_log *l)
{
    return l->entries;
}
