/* The loop over records.  Most records are loads and stores of whole granules whose bytes all make the same pair (or
 * none), so those are handled here, in line; anything else goes to accesses.c. */
#include "analyze/location_follow.h"
#include "analyze/location_state.h"
#include "analyze/region.h"

#include <stdlib.h>

/* What the loop over records is compiled for, flags: lines are tracked, addresses are followed. */
enum mode { MODE_PLAIN = 0, MODE_TRACKING = 1, MODE_MAP = 2, MODE_DISTANCES = 4 };

enum outcome { OUTCOME_DONE, OUTCOME_GENERAL, OUTCOME_FAILED };

/* Pairs of clones take 40 bytes each, and may be far more than pairs of locations: beyond so many, new ones are counted in no
 * context. */
enum { CLONE_PAIRS_MAX = 1 << 22 };

/* Sites count in 32 bits, so their counts are taken away at least this often; and times grow old. */
static const uint64_t flush_after = TIMES_AGE;

#define COLD static __attribute__((noinline))

static site_id fast_id(const struct location_analysis *a, const struct fast_site *s)
{
    return (site_id)(s - a->sites);
}

static bool flush_key(struct location_analysis *a, struct fast_site *s, const struct site *site, unsigned way)
{
    uint32_t key = s->key[way];
    uint64_t hits = s->hits[way];
    s->hits[way] = 0;
    if (!hits || !key)
        return true;
    enum defect_kind kind;
    if (site->kind == ACCESS_LOAD)
        kind = key & 1 ? DEFECT_SILENT_LOAD_AFTER_STORE : DEFECT_SILENT_LOAD_AFTER_LOAD;
    else
        kind = way == 0 ? DEFECT_DEAD_STORE : DEFECT_SILENT_STORE;
    return count_pairs(a, kind, key >> 1, fast_id(a, s), hits, hits * s->width);
}

static bool flush_sites(struct location_analysis *a)
{
    size_t end = SITE_FIRST + a->table->count + a->table->clone_count;
    for (size_t id = 0; id < end; id++) {
        struct fast_site *s = &a->sites[id];
        uint64_t count = s->count;
        s->count = 0;
        if (id < SITE_FIRST) {
            a->accesses[ACCESS_HOST_READ] += id == SITE_HOST_READ ? count : 0;
            a->accesses[ACCESS_HOST_WRITE] += id == SITE_HOST_WRITE ? count : 0;
            continue;
        }
        if (!(count | s->hits[0] | s->hits[1]))
            continue;
        const struct site *site = site_get(a->table, (site_id)id);
        if (site->kind == ACCESS_LOAD)
            count += (uint64_t)s->hits[0] + s->hits[1];
        if (!count)
            continue;
        a->accesses[site->kind] += count;
        if (site->kind >= ACCESS_LOAD && site->kind <= ACCESS_WAIT && site->kind != ACCESS_STORE)
            a->bytes_loaded += count * s->width;
        if (site->kind == ACCESS_STORE || site->kind == ACCESS_RMW)
            a->bytes_stored += count * s->width;
        if (!flush_key(a, s, site, 0) || !flush_key(a, s, site, 1))
            return false;
    }
    a->pending = 0;
    return true;
}

/* Accesses to entries that stay 8 bytes wide each: compilers like to join neighbours, but what two narrow stores wrote
 * cannot be forwarded to a wide load, which then waits until both are in the cache. */
INLINE shadow_entry entry_get(const shadow_entry *entry)
{
    return __atomic_load_n(entry, __ATOMIC_RELAXED);
}

INLINE void entry_set(shadow_entry *entry, shadow_entry e)
{
    __atomic_store_n(entry, e, __ATOMIC_RELAXED);
}

/* A load of one toucher that is neither of the last two; the older one makes room. */
static bool load_miss(struct location_analysis *a, struct fast_site *s, uint32_t key)
{
    if (!key) {
        s->count++;
        return true;
    }
    s->count += s->hits[1];
    if (!flush_key(a, s, site_get(a->table, fast_id(a, s)), 1))
        return error_no_memory(a->err);
    s->key[1] = s->key[0];
    s->hits[1] = s->hits[0];
    s->key[0] = key;
    s->hits[0] = 1;
    return true;
}

/* A load that is not like one of the last two of its site: of `count` states, each for `size` bytes. */
COLD bool note_odd_load(struct location_analysis *a, struct fast_site *s, const shadow_entry *states, unsigned count,
                        unsigned size)
{
    uint32_t key = entry_toucher(states[0]);
    bool mixed = false;
    bool whole = true;
    for (unsigned i = 0; i < count; i++) {
        mixed |= entry_toucher(states[i]) != key;
        whole &= entry_toucher(states[i]) != 0;
    }
    if (!mixed)
        return load_miss(a, s, key);
    s->count++;
    if (!whole)
        return true;
    a->stamp++;
    for (unsigned i = 0; i < count; i++) {
        key = entry_toucher(states[i]);
        enum defect_kind kind = key & 1 ? DEFECT_SILENT_LOAD_AFTER_STORE : DEFECT_SILENT_LOAD_AFTER_LOAD;
        if (!count_part(a, kind, key >> 1, fast_id(a, s), size))
            return error_no_memory(a->err);
    }
    return true;
}

/* A load whose `count` states have the toucher `key` if they do not differ. */
INLINE bool note_load(struct location_analysis *a, struct fast_site *s, uint32_t key, bool differ,
                      const shadow_entry *states, unsigned count, unsigned size)
{
    if (LIKELY(!differ)) {
        if (LIKELY(key == s->key[0])) {
            s->hits[0]++;
            return true;
        }
        if (key == s->key[1]) {
            s->hits[1]++;
            return true;
        }
    }
    return note_odd_load(a, s, states, count, size);
}

COLD bool store_miss(struct location_analysis *a, struct fast_site *s, unsigned way, uint32_t key)
{
    if (!flush_key(a, s, site_get(a->table, fast_id(a, s)), way))
        return error_no_memory(a->err);
    s->key[way] = key;
    s->hits[way] = 1;
    return true;
}

COLD bool note_mixed_store(struct location_analysis *a, const struct fast_site *s, const shadow_entry *states,
                           unsigned count, unsigned size, bool silent)
{
    site_id second = fast_id(a, s);
    a->stamp++;
    for (unsigned i = 0; i < count; i++) {
        uint32_t writer = entry_writer(states[i]);
        if (writer & ENTRY_UNREAD && !count_part(a, DEFECT_DEAD_STORE, writer >> 1, second, size))
            return error_no_memory(a->err);
        if (silent && !count_part(a, DEFECT_SILENT_STORE, writer >> 1, second, size))
            return error_no_memory(a->err);
    }
    return true;
}

INLINE bool note_partner(struct location_analysis *a, struct fast_site *s, unsigned way, uint32_t key)
{
    if (LIKELY(key == s->key[way])) {
        s->hits[way]++;
        return true;
    }
    return store_miss(a, s, way, key);
}

/* A store that is silent or whose states, `count` of them for `size` bytes each, are not all read.  If they do not
 * differ, they have the writer's half `writer`. */
INLINE bool note_store(struct location_analysis *a, struct fast_site *s, uint32_t writer, bool differ,
                       const shadow_entry *states, unsigned count, unsigned size, bool silent)
{
    if (UNLIKELY(differ))
        return note_mixed_store(a, s, states, count, size, silent);
    if (writer & 1 && !note_partner(a, s, 0, writer))
        return false;
    return !silent || note_partner(a, s, 1, writer | 1);
}

/* The place that a fast path looks at: a window, or what stands for one. */
struct place {
    shadow_entry *entries;
    struct times touched, written;
    const uint8_t *chunk_touched;
    const uint8_t *line_marks;
};

INLINE struct place place_of(const struct shadow_window *w)
{
    return (struct place){w->entries, w->touch_times, w->write_times, w->chunk_touched, w->line_marks};
}

/* Whether the general way must go first: where the place is new or, if lines are tracked, where the access may leave
 * its line or the line is not marked. */
INLINE bool is_new(const struct place *w, uint64_t address, unsigned width, unsigned mode)
{
    if (UNLIKELY(!w->chunk_touched[address >> SHADOW_CHUNK_SHIFT]))
        return true;
    return mode & MODE_TRACKING && (w->line_marks[address >> SHADOW_LINE_SHIFT] != LINE_BOTH ||
                                    (uint8_t)address + width > 1 << SHADOW_LINE_SHIFT);
}

INLINE enum outcome load_granules(struct location_analysis *a, struct fast_site *s, const struct place *w,
                                  uint64_t address, unsigned count, uint32_t head, unsigned mode)
{
    if (UNLIKELY(address % SHADOW_GRANULE != 0 || is_new(w, address, count * SHADOW_GRANULE, mode)))
        return OUTCOME_GENERAL;
    shadow_entry *entry = w->entries + address / SHADOW_GRANULE;
    shadow_entry e0 = entry_get(entry);
    shadow_entry e1 = count > 1 ? entry_get(entry + 1) : e0;
    shadow_entry e2 = count > 2 ? entry_get(entry + 2) : e0;
    shadow_entry e3 = count > 2 ? entry_get(entry + 3) : e0;
    if (UNLIKELY(entry_is_split(e0 | e1 | e2 | e3)))
        return OUTCOME_GENERAL;
    bool differ = entry_toucher((e0 ^ e1) | (e0 ^ e2) | (e0 ^ e3)) != 0;
    const unsigned width = count * SHADOW_GRANULE;
    if (UNLIKELY(!note_load(a, s, entry_toucher(e0), differ, entry, count, SHADOW_GRANULE) ||
                 (mode & MODE_DISTANCES &&
                  !distance_load(a, s, &w->touched, address, differ, entry, count, SHADOW_GRANULE, width))))
        return OUTCOME_FAILED;
    if (mode & MODE_DISTANCES)
        time_granules(&w->touched, address, count, a->distances.now);
    if (mode & MODE_MAP)
        map_load(a->map, record_site(head), address, differ, entry, count, SHADOW_GRANULE, width);
    const shadow_entry keep = ENTRY_WRITER & ~ENTRY_UNREAD;
    const shadow_entry fetched = entry_fetched(record_site(head));
    entry_set(entry, (e0 & keep) | fetched);
    if (count > 1)
        entry_set(entry + 1, (e1 & keep) | fetched);
    if (count > 2) {
        entry_set(entry + 2, (e2 & keep) | fetched);
        entry_set(entry + 3, (e3 & keep) | fetched);
    }
    return OUTCOME_DONE;
}

INLINE enum outcome store_granules(struct location_analysis *a, struct fast_site *s, const struct place *w,
                                   uint64_t address, unsigned count, uint32_t head, unsigned mode)
{
    if (UNLIKELY(address % SHADOW_GRANULE != 0 || is_new(w, address, count * SHADOW_GRANULE, mode)))
        return OUTCOME_GENERAL;
    shadow_entry *entry = w->entries + address / SHADOW_GRANULE;
    shadow_entry e0 = entry_get(entry);
    shadow_entry e1 = count > 1 ? entry_get(entry + 1) : e0;
    shadow_entry e2 = count > 2 ? entry_get(entry + 2) : e0;
    shadow_entry e3 = count > 2 ? entry_get(entry + 3) : e0;
    if (UNLIKELY(entry_is_split(e0 | e1 | e2 | e3)))
        return OUTCOME_GENERAL;
    if (UNLIKELY((entry_writer(e0 | e1 | e2 | e3) | head) & 1)) { /* ENTRY_UNREAD, or RECORD_FLAG */
        bool differ = entry_writer((e0 ^ e1) | (e0 ^ e2) | (e0 ^ e3)) != 0;
        bool silent = head & RECORD_FLAG;
        if (!note_store(a, s, entry_writer(e0), differ, entry, count, SHADOW_GRANULE, silent) ||
            (mode & MODE_DISTANCES &&
             !distance_store(a, s, &w->written, address, differ, entry, count, SHADOW_GRANULE, silent)))
            return OUTCOME_FAILED;
        if (mode & MODE_MAP)
            map_store(a->map, record_site(head), address, differ, entry, count, SHADOW_GRANULE, silent);
    }
    if (mode & MODE_MAP)
        map_grid_add(a->map, MAP_TOUCHED, address, count * SHADOW_GRANULE);
    if (mode & MODE_DISTANCES) {
        time_granules(&w->touched, address, count, a->distances.now);
        time_granules(&w->written, address, count, a->distances.now);
    }
    s->count++;
    const shadow_entry put = entry_put(record_site(head));
    entry_set(entry, put);
    if (count > 1)
        entry_set(entry + 1, put);
    if (count > 2) {
        entry_set(entry + 2, put);
        entry_set(entry + 3, put);
    }
    return OUTCOME_DONE;
}

/* One or two bytes of a granule, from byte `first`, become `state & keep | add`. */
INLINE enum outcome change_bytes(struct slot_arena *slots, shadow_entry *entry, unsigned first, unsigned count,
                                 shadow_entry keep, shadow_entry add)
{
    shadow_entry e = *entry;
    if (entry_is_split(e)) {
        shadow_entry *slot = slot_at(slots, e);
        for (unsigned i = first; i < first + count; i++)
            slot[i] = (slot[i] & keep) | add;
        slot_settle(slots, entry, slot);
        return OUTCOME_DONE;
    }
    shadow_entry now = (e & keep) | add;
    if (now == e)
        return OUTCOME_DONE;
    shadow_entry *slot = slot_take(slots, entry);
    for (unsigned i = first; i < first + count; i++)
        slot[i] = now;
    return UNLIKELY(slots->failed) ? OUTCOME_FAILED : OUTCOME_DONE;
}

INLINE enum outcome load_bytes(struct location_analysis *a, struct fast_site *s, const struct place *w,
                               uint64_t address, unsigned count, uint32_t head, unsigned mode)
{
    unsigned first = address % SHADOW_GRANULE;
    if (UNLIKELY((count == 2 && first == 3) || is_new(w, address, count, mode)))
        return OUTCOME_GENERAL;
    shadow_entry *entry = w->entries + address / SHADOW_GRANULE;
    bool split = entry_is_split(*entry);
    const shadow_entry *states = split ? slot_at(&a->shadow.slots, *entry) + first : entry;
    bool differ = split && count == 2 && entry_toucher(states[0] ^ states[1]) != 0;
    if (UNLIKELY(!note_load(a, s, entry_toucher(states[0]), differ, states, split ? count : 1, 1) ||
                 (mode & MODE_DISTANCES &&
                  !distance_load(a, s, &w->touched, address, differ, states, split ? count : 1, 1, count))))
        return OUTCOME_FAILED;
    if (mode & MODE_DISTANCES)
        times_put_bytes(&w->touched, address, count, a->distances.now);
    if (mode & MODE_MAP)
        map_load(a->map, record_site(head), address, differ, states, split ? count : 1, 1, count);
    return change_bytes(&a->shadow.slots, entry, first, count, ENTRY_WRITER & ~ENTRY_UNREAD,
                        entry_fetched(record_site(head)));
}

INLINE enum outcome store_bytes(struct location_analysis *a, struct fast_site *s, const struct place *w,
                                uint64_t address, unsigned count, uint32_t head, unsigned mode)
{
    unsigned first = address % SHADOW_GRANULE;
    if (UNLIKELY((count == 2 && first == 3) || is_new(w, address, count, mode)))
        return OUTCOME_GENERAL;
    shadow_entry *entry = w->entries + address / SHADOW_GRANULE;
    bool split = entry_is_split(*entry);
    const shadow_entry *states = split ? slot_at(&a->shadow.slots, *entry) + first : entry;
    shadow_entry last = states[split && count == 2 ? 1 : 0];
    if (UNLIKELY((entry_writer(states[0] | last) | head) & 1)) { /* ENTRY_UNREAD, or RECORD_FLAG */
        bool differ = entry_writer(states[0] ^ last) != 0;
        if (!note_store(a, s, entry_writer(states[0]), differ, states, count, 1, head & RECORD_FLAG) ||
            (mode & MODE_DISTANCES &&
             !distance_store(a, s, &w->written, address, differ, states, count, 1, head & RECORD_FLAG)))
            return OUTCOME_FAILED;
        if (mode & MODE_MAP)
            map_store(a->map, record_site(head), address, differ, states, count, 1, head & RECORD_FLAG);
    }
    if (mode & MODE_MAP)
        map_grid_add(a->map, MAP_TOUCHED, address, count);
    if (mode & MODE_DISTANCES) {
        times_put_bytes(&w->touched, address, count, a->distances.now);
        times_put_bytes(&w->written, address, count, a->distances.now);
    }
    s->count++;
    return change_bytes(&a->shadow.slots, entry, first, count, 0, entry_put(record_site(head)));
}

/* A load or store at an address that is below 4 GiB, or below 8 GiB where the record is not to be trusted. */
INLINE enum outcome access_shape(struct location_analysis *a, struct fast_site *s, unsigned shape,
                                 const struct place *w, uint64_t address, uint32_t head, unsigned mode)
{
    switch (shape) {
    case PATH_LOAD_1:
        return load_bytes(a, s, w, address, 1, head, mode);
    case PATH_LOAD_2:
        return load_bytes(a, s, w, address, 2, head, mode);
    case PATH_LOAD_4:
        return load_granules(a, s, w, address, 1, head, mode);
    case PATH_LOAD_8:
        return load_granules(a, s, w, address, 2, head, mode);
    case PATH_LOAD_16:
        return load_granules(a, s, w, address, 4, head, mode);
    case PATH_STORE_1:
        return store_bytes(a, s, w, address, 1, head, mode);
    case PATH_STORE_2:
        return store_bytes(a, s, w, address, 2, head, mode);
    case PATH_STORE_4:
        return store_granules(a, s, w, address, 1, head, mode);
    case PATH_STORE_8:
        return store_granules(a, s, w, address, 2, head, mode);
    case PATH_STORE_16:
        return store_granules(a, s, w, address, 4, head, mode);
    default:
        return OUTCOME_GENERAL;
    }
}

/* In memory 0 the window never changes; everywhere else it must be found first. */
COLD enum outcome access_elsewhere(struct location_analysis *a, struct fast_site *s, const uint8_t *record)
{
    uint32_t head = record_u32(record);
    const struct site *site = site_get(a->table, record_site(head));
    uint64_t operand = site->address_64 ? record_u64(record + 8) : record_u32(record + 4);
    uint64_t address = operand + s->offset;
    if (address >> SHADOW_ADDRESS_BITS || (uint32_t)address > UINT32_MAX - s->width)
        return OUTCOME_GENERAL;
    const struct shadow_window *window = shadow_window(&a->shadow.memories[site->memory], address);
    if (!window)
        return OUTCOME_GENERAL;
    struct place w = place_of(window);
    address = (uint32_t)address;
    if (a->measures)
        return access_shape(a, s, s->shape, &w, address, head,
                            a->shadow.tracking ? MODE_TRACKING | MODE_DISTANCES : MODE_DISTANCES);
    return access_shape(a, s, s->shape, &w, address, head, a->shadow.tracking ? MODE_TRACKING : MODE_PLAIN);
}

/* Goes over the records that start in [*at, end), or up to the first opaque call if lines are not tracked. */
INLINE bool run(struct location_analysis *a, const uint8_t **at, const uint8_t *end, const unsigned mode)
{
    const uint32_t more_units = (RECORD_MAX_UNITS - 1) << RECORD_UNITS_SHIFT;
    struct fast_site *const sites = a->sites;
    struct place w = place_of(a->shadow.memories[0].low);
    const uint8_t *p = *at;
    while (p < end) {
        const uint8_t *record = p;
        uint64_t word = record_u64(p);
        uint32_t head = (uint32_t)word;
        /* Adding a constant behind a branch that is foreseen lets the next record start before this one's size is
         * loaded; the empty statement keeps the compiler from making it arithmetic again. */
        if (LIKELY(!(head & more_units))) {
            p += RECORD_UNIT;
            __asm__("" : "+r"(p));
        } else {
            p += record_size(head);
        }
        if (mode & MODE_MAP && UNLIKELY(a->fed++ % MAP_TICK == 0))
            map_grid_time(a->map, (a->fed - 1) / MAP_TICK);
        if (mode & MODE_DISTANCES)
            a->distances.now = (a->distances.now + 1) & TIMES_MASK;
        struct fast_site *s = &sites[record_site(head)];
        uint64_t address = (word >> 32) + s->offset;
        enum outcome outcome = UNLIKELY(s->path == PATH_ELSEWHERE)
                                   ? (mode & MODE_MAP ? OUTCOME_GENERAL : access_elsewhere(a, s, record))
                                   : access_shape(a, s, s->path, &w, address, head, mode);
        if (LIKELY(outcome == OUTCOME_DONE)) {
            if (mode & MODE_DISTANCES)
                a->distances.sites[s->base].last = a->distances.now;
            continue;
        }
        if (outcome == OUTCOME_FAILED)
            return error_no_memory(a->err);
        s->count++;
        if (!access_general(a, record))
            return false;
        w = place_of(a->shadow.memories[0].low);
        if (!(mode & MODE_TRACKING) && a->shadow.tracking)
            break;
    }
    *at = p;
    return true;
}

COLD bool run_plain(struct location_analysis *a, const uint8_t **at, const uint8_t *end)
{
    return run(a, at, end, MODE_PLAIN);
}

COLD bool run_tracking(struct location_analysis *a, const uint8_t **at, const uint8_t *end)
{
    return run(a, at, end, MODE_TRACKING);
}

COLD bool run_map(struct location_analysis *a, const uint8_t **at, const uint8_t *end)
{
    return run(a, at, end, MODE_MAP);
}

COLD bool run_map_tracking(struct location_analysis *a, const uint8_t **at, const uint8_t *end)
{
    return run(a, at, end, MODE_MAP | MODE_TRACKING);
}

COLD bool run_distances(struct location_analysis *a, const uint8_t **at, const uint8_t *end)
{
    return run(a, at, end, MODE_DISTANCES);
}

COLD bool run_distances_tracking(struct location_analysis *a, const uint8_t **at, const uint8_t *end)
{
    return run(a, at, end, MODE_DISTANCES | MODE_TRACKING);
}

COLD bool run_distances_map(struct location_analysis *a, const uint8_t **at, const uint8_t *end)
{
    return run(a, at, end, MODE_DISTANCES | MODE_MAP);
}

COLD bool run_distances_map_tracking(struct location_analysis *a, const uint8_t **at, const uint8_t *end)
{
    return run(a, at, end, MODE_DISTANCES | MODE_MAP | MODE_TRACKING);
}

static bool run_any(struct location_analysis *a, const uint8_t **at, const uint8_t *end)
{
    static bool (*const runs[])(struct location_analysis *, const uint8_t **, const uint8_t *) = {
        [MODE_PLAIN] = run_plain,
        [MODE_TRACKING] = run_tracking,
        [MODE_MAP] = run_map,
        [MODE_MAP | MODE_TRACKING] = run_map_tracking,
        [MODE_DISTANCES] = run_distances,
        [MODE_DISTANCES | MODE_TRACKING] = run_distances_tracking,
        [MODE_DISTANCES | MODE_MAP] = run_distances_map,
        [MODE_DISTANCES | MODE_MAP | MODE_TRACKING] = run_distances_map_tracking,
    };
    return runs[(a->measures ? MODE_DISTANCES : 0) | (a->map ? MODE_MAP : 0) |
                (a->shadow.tracking ? MODE_TRACKING : 0)](a, at, end);
}

static void age(struct location_analysis *a)
{
    const uint32_t now = a->distances.now;
    struct shadow_run run = {0};
    while (shadow_next_run(&a->shadow, &run)) {
        times_age(&run.in->touch_times, run.first, run.count, now);
        times_age(&run.in->write_times, run.first, run.count, now);
    }
    distances_age(&a->distances);
}

bool location_analysis_put(struct location_analysis *a, const uint8_t *records, size_t size)
{
    const uint8_t *p = records;
    const uint8_t *end = records + size;
    while (p < end) {
        uint64_t room = (flush_after - a->pending) * RECORD_UNIT;
        uint64_t part = (size_t)(end - p) < room ? (size_t)(end - p) : room;
        const uint8_t *before = p;
        if (!run_any(a, &p, p + part))
            return false;
        a->pending += (uint64_t)(p - before) / RECORD_UNIT;
        if (a->pending < flush_after)
            continue;
        if (a->measures)
            age(a);
        if (!flush_sites(a))
            return error_no_memory(a->err);
    }
    return true;
}

struct location_analysis *location_analysis_new(const struct site_table *table, struct error *err)
{
    struct location_analysis *a = calloc(1, sizeof *a);
    if (!a) {
        error_no_memory(err);
        return NULL;
    }
    a->table = table;
    a->err = err;
    a->clone_pairs.table = table;
    a->clone_pairs.limit = CLONE_PAIRS_MAX;
    a->site_count = SITE_FIRST + table->count + table->clone_limit;
    a->sites = region_reserve(a->site_count * sizeof *a->sites);
    if (!a->sites) {
        error_no_memory(err);
        location_analysis_free(a);
        return NULL;
    }
    /* A table without memories may still name memory 0 as the host's. */
    size_t memories = table->memories > table->host_memory ? table->memories : (size_t)table->host_memory + 1;
    if (!shadow_init(&a->shadow, memories, err)) {
        location_analysis_free(a);
        return NULL;
    }
    return a;
}

bool location_analysis_want_map(struct location_analysis *a, struct error *err)
{
    a->map = map_grid_new();
    return a->map || error_no_memory(err);
}

bool location_analysis_want_distances(struct location_analysis *a, struct error *err)
{
    a->measures = distances_init(&a->distances, a->table);
    a->shadow.timed = a->measures;
    return a->measures || error_no_memory(err);
}

void location_analysis_free(struct location_analysis *a)
{
    if (!a)
        return;
    region_release(a->sites, a->site_count * sizeof *a->sites);
    shadow_release(&a->shadow);
    pair_table_release(&a->pairs);
    clone_pairs_release(&a->clone_pairs);
    distances_release(&a->distances);
    free(a->opaque);
    free(a->map);
    free(a);
}

static bool copy_distances(struct location_analysis *a, struct counters *out)
{
    if (!a->measures)
        return true;
    out->distances = malloc((out->pair_count + 1) * sizeof *out->distances);
    bool ok = out->distances;
    for (size_t i = 0; ok && i < out->pair_count; i++)
        ok = distances_of(&a->distances, &out->pairs[i], &out->distances[i]);
    return ok;
}

static bool copy_pairs(struct location_analysis *a, struct counters *out)
{
    if (a->table->clone_limit)
        return clone_pairs_settle(&a->clone_pairs) && count_sums(a, out);
    out->pairs = malloc((a->pairs.count + 1) * sizeof *out->pairs);
    if (!out->pairs)
        return false;
    pair_table_copy(&a->pairs, out->pairs);
    out->pair_count = a->pairs.count;
    return true;
}

static bool give_unread(const struct location_analysis *a, struct counters *out)
{
    struct unread unread;
    if (!unread_open(&unread, a->table))
        return false;
    barrier_unread(&a->shadow, &unread);
    bool ok = unread_give(&unread, out);
    unread_close(&unread);
    return ok;
}

bool location_analysis_counters(struct location_analysis *a, struct counters *out, struct error *err)
{
    *out = (struct counters){0};
    if (!flush_sites(a))
        return error_no_memory(err);
    out->opaque = malloc((a->opaque_count + 1) * sizeof *out->opaque);
    bool mapped = !a->map || map_grid_copy(a->map, &out->map);
    if (!copy_pairs(a, out) || !copy_distances(a, out) || !out->opaque || !mapped) {
        counters_release(out);
        return error_no_memory(err);
    }
    if (a->opaque_count)
        memcpy(out->opaque, a->opaque, a->opaque_count * sizeof *out->opaque);
    out->opaque_count = a->opaque_count;
    memcpy(out->accesses, a->accesses, sizeof out->accesses);
    out->bytes_loaded = a->bytes_loaded;
    out->bytes_stored = a->bytes_stored;
    if (!give_unread(a, out)) {
        counters_release(out);
        return error_no_memory(err);
    }
    return true;
}
