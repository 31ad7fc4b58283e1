#include "analyze/online.h"

#include "analyze/late.h"
#include "analyze/log.h"
#include "analyze/planes.h"
#include "analyze/prefault.h"
#include "analyze/range.h"
#include "analyze/region.h"
#include "analyze/scalar.h"
#include "analyze/watch.h"

#include <stdlib.h>
#include <string.h>

enum {
    HUGE_SPAN = 128 << 20
}; /* beyond, a program that uses its memory sparsely would make too much of its planes resident */

struct online_analysis {
    const struct site_table *table;
    struct error *err;
    struct planes planes;
    struct log_reader *log;
    struct late_log *late;
    struct prefault *prefault;
    struct met_counts counts;
    struct watcher watcher;
    const struct guest_trap *trap; /* while the end is taken in */
    uint64_t stamp;                /* of the access that is being judged */
    struct unread unread;
    uint64_t *runs, *odd; /* by site, after the end */
};

struct online_analysis *online_analysis_new(const struct site_table *table, struct error *err)
{
    struct online_analysis *a = calloc(1, sizeof *a);
    if (!a) {
        error_no_memory(err);
        return NULL;
    }
    a->table = a->counts.table = table;
    a->err = err;
    return a;
}

void online_analysis_free(struct online_analysis *a)
{
    prefault_free(a->prefault);
    log_reader_free(a->log);
    watch_close(&a->watcher);
    late_log_free(a->late);
    planes_release(&a->planes);
    pair_table_release(&a->counts.pairs);
    unread_close(&a->unread);
    free(a->runs);
    free(a->odd);
    free(a);
}

bool online_analysis_attach(struct online_analysis *a, uint8_t *const planes[PLANE_COUNT])
{
    for (int i = 0; i < PLANE_COUNT; i++)
        a->planes.plane[i] = planes[i] + plane_shift((enum plane)i);
    /* Most guests use their memory densely: faults by the huge page cost a fraction of faults by the page. */
    region_want_huge(planes[PLANE_TOUCH], HUGE_SPAN);
    region_want_huge(planes[PLANE_WRITER], HUGE_SPAN);
    for (size_t i = 0; i < a->table->count; i++) {
        const struct site *s = &a->table->sites[i];
        if (!s->cell || habit_is_hot(&s->habit))
            continue;
        for (unsigned slot = 0; slot < cell_slots(s->kind == ACCESS_STORE); slot++)
            memset(planes[PLANE_CELLS] + s->cell + slot * cell_slot_size(s->width), (uint8_t)MARK_NEVER,
                   cell_key_size(s->width));
    }
    a->log = log_reader_new(a->table, planes[PLANE_LOG], a->err);
    a->late = a->log ? late_log_new(a->table, &a->planes, &a->counts, a->err) : NULL;
    a->prefault = a->late ? prefault_new(&a->planes) : NULL;
    if (a->late && !watch_open(&a->watcher, a->table, &a->planes, &a->stamp))
        return error_no_memory(a->err);
    return a->late != NULL;
}

static bool scalar(struct online_analysis *a, mark own, uint64_t address, bool silent)
{
    met_count(&a->counts, site_get(a->table, mark_site(own)), 1);
    uint64_t fired;
    if (!watch_before(&a->watcher, own, address, silent, &fired) ||
        !scalar_judge(&a->planes, &a->counts, own, address, silent))
        return false;
    watch_behind(&a->watcher, own, address, fired);
    return true;
}

static bool write_range(struct online_analysis *a, const struct access *x, enum planes_change change)
{
    return range_judge(&a->planes, x, &a->counts.pairs, a->stamp) &&
           planes_update(&a->planes, x->address, x->length, change, mark_make(x->site, MARK_PUT | MARK_UNREAD));
}

static bool fetch_range(struct online_analysis *a, const struct access *x, uint64_t address)
{
    return planes_update(&a->planes, address, x->length, PLANES_FETCH, mark_make(x->site, 0));
}

static bool dispatch(struct online_analysis *a, const struct access *x)
{
    const mark put = mark_make(x->site, MARK_PUT | MARK_UNREAD);
    if (x->kind != ACCESS_LOAD && x->kind != ACCESS_STORE)
        planes_unwatch(&a->planes, x->address, x->length);
    switch (x->kind) {
    case ACCESS_LOAD:
        return scalar(a, mark_make(x->site, 0), x->address, false);
    case ACCESS_STORE:
        return scalar(a, put, x->address, x->flag);
    case ACCESS_CMPXCHG:
        a->counts.bytes_loaded += x->length;
        if (!x->flag)
            return fetch_range(a, x, x->address);
        a->counts.bytes_stored += x->length;
        return planes_update(&a->planes, x->address, x->length, PLANES_PUT, put);
    case ACCESS_RMW:
        a->counts.bytes_loaded += x->length;
        a->counts.bytes_stored += x->length;
        return planes_update(&a->planes, x->address, x->length, PLANES_PUT, put);
    case ACCESS_WAIT:
        a->counts.bytes_loaded += x->length;
        return fetch_range(a, x, x->address);
    case ACCESS_COPY:
        planes_unwatch(&a->planes, x->source, x->length);
        a->counts.bytes_loaded += x->length;
        a->counts.bytes_stored += x->length;
        return fetch_range(a, x, x->source) && write_range(a, x, PLANES_PUT);
    case ACCESS_FILL:
    case ACCESS_INIT:
        a->counts.bytes_stored += x->length;
        return write_range(a, x, PLANES_PUT);
    case ACCESS_HOST_READ:
        return planes_update(&a->planes, x->address, x->length, PLANES_READ, 0);
    case ACCESS_HOST_WRITE:
        return write_range(a, x, PLANES_HOST);
    default:
        return true; /* no module that calls unknown imports is analysed this way */
    }
}

bool online_analysis_put(struct online_analysis *a, const uint8_t *records, size_t size)
{
    const uint8_t *end = records + size;
    if (a->late && !late_log_take(a->late)) /* a program that did not start has no planes */
        return error_no_memory(a->err);
    while (records < end) {
        struct access x;
        records += record_read(a->table, records, &x);
        a->stamp++;
        if (x.kind != ACCESS_LOAD && x.kind != ACCESS_STORE)
            a->counts.accesses[x.kind]++;
        if (!dispatch(a, &x))
            return error_no_memory(a->err);
    }
    return true;
}

bool online_analysis_call(struct online_analysis *a, unsigned slot, uint32_t *argument)
{
    if (slot == HOST_LOG) {
        *argument = log_reader_pass(a->log, *argument);
        return true;
    }
    if (!late_log_take(a->late))
        return error_no_memory(a->err);
    if (slot == HOST_LATE)
        return true;
    const uint8_t *cells = a->planes.plane[PLANE_CELLS];
    mark own = record_u32(cells + CELLS_ARG_MARK);
    if (slot == HOST_WATCH) {
        watch_begin(&a->watcher, own, record_u32(cells + CELLS_ARG_WORD));
        return true;
    }
    return scalar(a, own, record_u32(cells + CELLS_ARG_WORD), record_u64(cells + CELLS_ARG_COUNT) != 0) ||
           error_no_memory(a->err);
}

/* One slot of a cell; `own` as met_account has it. */
static bool take_slot(struct online_analysis *a, const struct site *site, const uint8_t *slot, mark own, uint64_t count)
{
    if (!count)
        return true;
    mark lanes[4];
    unsigned n = cell_lanes(site->width);
    memcpy(lanes, slot, n * sizeof *lanes);
    if (lanes[0] == MARK_NEVER) /* its stretch was counted, and cut off before the site ran for the first time */
        return true;
    const struct met met = {lanes, n, site->width / n};
    return met_account(&a->counts, &met, own, count);
}

/* 1 for a site that was counted with its stretch, but which a trap kept from running. */
static uint64_t was_cut_off(void *self, const struct site *s)
{
    const struct guest_trap *trap = ((const struct online_analysis *)self)->trap;
    return trap && s->code_end && s->func == trap->func && s->stretch_start <= trap->offset &&
           trap->offset < s->code_end;
}

/* The tables of rows. */
static bool take_rows(struct online_analysis *a, uint32_t at, unsigned size, unsigned lanes)
{
    const uint8_t *entry = a->planes.plane[PLANE_CELLS] + at;
    for (unsigned i = 0; i < 1u << ROWS_LOG2; i++, entry += size) {
        mark marks[8];
        memcpy(marks, entry + 16, lanes * sizeof *marks);
        const struct met met = {marks, lanes, 1};
        uint64_t count = record_u64(entry + 8);
        if (count && !met_account(&a->counts, &met, record_u32(entry), count))
            return false;
    }
    return true;
}

static bool take_cells(struct online_analysis *a)
{
    for (size_t i = 0; i < a->table->count; i++) {
        const struct site *s = &a->table->sites[i];
        if (!s->cell || habit_is_hot(&s->habit))
            continue;
        const uint8_t *cell = a->planes.plane[PLANE_CELLS] + s->cell;
        bool store = s->kind == ACCESS_STORE;
        unsigned size = cell_slot_size(s->width);
        uint64_t expected = record_u64(a->planes.plane[PLANE_CELLS] + s->counter) -
                            record_u64(cell + cell_elsewhere(store, s->width)) - was_cut_off(a, s);
        for (unsigned slot = 0; slot < cell_slots(store); slot++) {
            mark own = mark_make((site_id)(SITE_FIRST + i), store && slot < 2 ? MARK_PUT | MARK_UNREAD : 0);
            uint64_t count = record_u64(cell + slot * size + cell_key_size(s->width));
            if (store && slot < 2)
                expected -= count;
            if (!take_slot(a, s, cell + slot * size, own, !store && slot == 0 ? expected : count))
                return false;
        }
        if (store) {
            a->counts.accesses[ACCESS_STORE] += expected;
            a->counts.bytes_stored += expected * s->width;
        }
    }
    return true;
}

/* Fills and copies that were judged by the code. */
static void take_ranges(struct online_analysis *a)
{
    const uint8_t *cells = a->planes.plane[PLANE_CELLS];
    a->counts.accesses[ACCESS_FILL] += record_u64(cells + CELLS_FILLS);
    a->counts.accesses[ACCESS_COPY] += record_u64(cells + CELLS_COPIES);
    uint64_t copied = record_u64(cells + CELLS_COPIES + 8);
    a->counts.bytes_loaded += copied;
    a->counts.bytes_stored += copied + record_u64(cells + CELLS_FILLS + 8);
}

uint64_t online_analysis_count(const struct online_analysis *a)
{
    uint64_t count = 0;
    for (size_t i = 0; i < a->table->count; i++)
        if (a->table->sites[i].cell)
            count += record_u64(a->planes.plane[PLANE_CELLS] + a->table->sites[i].counter);
    return count;
}

/* What the cells say of the sites that run often, while there are cells. */
static void note_runs(struct online_analysis *a)
{
    a->runs = calloc(a->table->count + 1, sizeof *a->runs);
    a->odd = calloc(a->table->count + 1, sizeof *a->odd);
    for (size_t i = 0; a->runs && a->odd && i < a->table->count; i++) {
        const struct site *s = &a->table->sites[i];
        if (!s->cell)
            continue;
        const uint8_t *cells = a->planes.plane[PLANE_CELLS];
        a->runs[i] = record_u64(cells + s->counter);
        a->odd[i] = habit_is_hot(&s->habit) ? late_log_left(a->late, i)
                                            : record_u64(cells + s->cell + cell_odd(s->kind == ACCESS_STORE, s->width));
    }
}

bool online_analysis_habits(const struct online_analysis *a, const struct habits_wish *wish, struct habits *out)
{
    if (!a->runs || !a->odd)
        return false;
    const struct habits_input in = {.table = a->table,
                                    .pairs = &a->counts.pairs,
                                    .runs = a->runs,
                                    .odd = a->odd,
                                    .late = late_log_entries(a->late)};
    return habits_derive(&in, wish, out);
}

bool online_analysis_detach(struct online_analysis *a, uint32_t log_at, uint64_t memory_size,
                            const struct guest_trap *trap)
{
    a->trap = trap;
    prefault_free(a->prefault);
    a->prefault = NULL;
    log_reader_pass(a->log, log_at);
    planes_unwatch(&a->planes, 0, UINT64_MAX);
    if (!log_reader_finish(a->log, &a->counts) || !late_log_finish(a->late, was_cut_off, a) || !take_cells(a) ||
        !take_rows(a, ROWS4_AT, ROWS4_SIZE, 4) || !take_rows(a, ROWS8_AT, ROWS8_SIZE, 8))
        return error_no_memory(a->err);
    a->trap = NULL;
    take_ranges(a);
    note_runs(a);
    if (!unread_open(&a->unread, a->table))
        return error_no_memory(a->err);
    planes_unread(&a->planes, memory_size, &a->unread);
    return true;
}

bool online_analysis_counters(struct online_analysis *a, struct counters *out, struct error *err)
{
    *out = (struct counters){0};
    memcpy(out->accesses, a->counts.accesses, sizeof out->accesses);
    out->bytes_loaded = a->counts.bytes_loaded;
    out->bytes_stored = a->counts.bytes_stored;
    out->pairs = malloc((a->counts.pairs.count + 1) * sizeof *out->pairs);
    if (!out->pairs || !unread_give(&a->unread, out)) {
        counters_release(out);
        return error_no_memory(err);
    }
    out->pair_count = a->counts.pairs.count;
    pair_table_copy(&a->counts.pairs, out->pairs);
    if (watch_give(&a->watcher, out))
        return true;
    counters_release(out);
    return error_no_memory(err);
}
