/* The loop over records.  Most records are loads and stores of whole granules whose bytes all make the same pair (or
 * none), so those are handled here, in line; anything else goes to accesses.c. */
#include "analyze/location_state.h"
#include "analyze/region.h"

#include <stdlib.h>

enum outcome { OUTCOME_DONE, OUTCOME_GENERAL, OUTCOME_FAILED };

/* Sites count in 32 bits, so their counts are taken away at least this often. */
static const uint64_t flush_after = UINT64_C(1) << 31;

#define LIKELY(x) __builtin_expect(!!(x), 1)
#define UNLIKELY(x) __builtin_expect(!!(x), 0)
#define INLINE static inline __attribute__((always_inline))
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
    return pair_table_add_many(&a->pairs, kind, key >> 1, fast_id(a, s), hits, hits * s->width);
}

static bool flush_sites(struct location_analysis *a)
{
    for (size_t id = 0; id < a->site_count; id++) {
        struct fast_site *s = &a->sites[id];
        if (!s->count)
            continue;
        uint64_t count = s->count;
        s->count = 0;
        if (id < SITE_FIRST) {
            a->accesses[ACCESS_HOST_READ] += id == SITE_HOST_READ ? count : 0;
            a->accesses[ACCESS_HOST_WRITE] += id == SITE_HOST_WRITE ? count : 0;
            continue;
        }
        const struct site *site = site_get(a->table, (site_id)id);
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

/* A load met a partner that is neither of its last two; the older one makes room. */
COLD bool load_miss(struct location_analysis *a, struct fast_site *s, uint32_t key)
{
    if (!key)
        return true;
    if (!flush_key(a, s, site_get(a->table, fast_id(a, s)), 1))
        return error_no_memory(a->err);
    s->key[1] = s->key[0];
    s->hits[1] = s->hits[0];
    s->key[0] = key;
    s->hits[0] = 1;
    return true;
}

COLD bool store_miss(struct location_analysis *a, struct fast_site *s, unsigned way, uint32_t key)
{
    if (!flush_key(a, s, site_get(a->table, fast_id(a, s)), way))
        return error_no_memory(a->err);
    s->key[way] = key;
    s->hits[way] = 1;
    return true;
}

/* A load whose bytes all have the same toucher, or none. */
INLINE bool note_load(struct location_analysis *a, struct fast_site *s, uint32_t key)
{
    if (LIKELY(key == s->key[0])) {
        s->hits[0]++;
        return true;
    }
    if (key == s->key[1]) {
        s->hits[1]++;
        return true;
    }
    return load_miss(a, s, key);
}

/* A store whose bytes all have the same writer. */
INLINE bool note_store(struct location_analysis *a, struct fast_site *s, unsigned way, uint32_t key)
{
    if (LIKELY(key == s->key[way])) {
        s->hits[way]++;
        return true;
    }
    return store_miss(a, s, way, key);
}

/* The states of an access that differ: `count` of them, each for `size` bytes. */
COLD bool note_mixed_load(struct location_analysis *a, const struct fast_site *s, const shadow_entry *states,
                          unsigned count, unsigned size)
{
    for (unsigned i = 0; i < count; i++) {
        if (!entry_toucher(states[i]))
            return true;
    }
    a->stamp++;
    for (unsigned i = 0; i < count; i++) {
        uint32_t key = entry_toucher(states[i]);
        enum defect_kind kind = key & 1 ? DEFECT_SILENT_LOAD_AFTER_STORE : DEFECT_SILENT_LOAD_AFTER_LOAD;
        if (!pair_table_add(&a->pairs, kind, key >> 1, fast_id(a, s), size, a->stamp))
            return error_no_memory(a->err);
    }
    return true;
}

COLD bool note_mixed_store(struct location_analysis *a, const struct fast_site *s, const shadow_entry *states,
                           unsigned count, unsigned size, bool silent)
{
    site_id second = fast_id(a, s);
    a->stamp++;
    for (unsigned i = 0; i < count; i++) {
        uint32_t writer = entry_writer(states[i]);
        if (writer & ENTRY_UNREAD &&
            !pair_table_add(&a->pairs, DEFECT_DEAD_STORE, writer >> 1, second, size, a->stamp))
            return error_no_memory(a->err);
        if (silent && !pair_table_add(&a->pairs, DEFECT_SILENT_STORE, writer >> 1, second, size, a->stamp))
            return error_no_memory(a->err);
    }
    return true;
}

/* Judges a store by `count` states that are no slots. */
INLINE bool judge_states(struct location_analysis *a, struct fast_site *s, const shadow_entry *states, unsigned count,
                         unsigned size, bool silent)
{
    uint32_t writer = entry_writer(states[0]);
    uint32_t any = writer;
    uint32_t differ = 0;
    for (unsigned i = 1; i < count; i++) {
        any |= entry_writer(states[i]);
        differ |= writer ^ entry_writer(states[i]);
    }
    if (LIKELY(!(any & ENTRY_UNREAD) && !silent))
        return true;
    if (UNLIKELY(differ))
        return note_mixed_store(a, s, states, count, size, silent);
    if (writer & ENTRY_UNREAD && !note_store(a, s, 0, writer))
        return false;
    return !silent || note_store(a, s, 1, writer | ENTRY_UNREAD);
}

INLINE bool judge_touchers(struct location_analysis *a, struct fast_site *s, const shadow_entry *states,
                           unsigned count, unsigned size)
{
    uint32_t key = entry_toucher(states[0]);
    uint32_t differ = 0;
    for (unsigned i = 1; i < count; i++)
        differ |= key ^ entry_toucher(states[i]);
    return LIKELY(!differ) ? note_load(a, s, key) : note_mixed_load(a, s, states, count, size);
}

INLINE enum outcome load_granules(struct location_analysis *a, struct fast_site *s, shadow_entry *entry,
                                  uint64_t address, unsigned count, shadow_entry fetched)
{
    shadow_entry states[4] = {0};
    shadow_entry all = 0;
    for (unsigned i = 0; i < count; i++)
        all |= states[i] = entry[i];
    if (UNLIKELY(address % SHADOW_GRANULE != 0 || entry_is_split(all)))
        return OUTCOME_GENERAL;
    if (!judge_touchers(a, s, states, count, SHADOW_GRANULE))
        return OUTCOME_FAILED;
    for (unsigned i = 0; i < count; i++)
        entry[i] = (states[i] & ENTRY_WRITER & ~ENTRY_UNREAD) | fetched;
    return OUTCOME_DONE;
}

INLINE enum outcome store_granules(struct location_analysis *a, struct fast_site *s, shadow_entry *entry,
                                   uint64_t address, unsigned count, shadow_entry put, bool silent)
{
    shadow_entry states[4] = {0};
    shadow_entry all = 0;
    for (unsigned i = 0; i < count; i++)
        all |= states[i] = entry[i];
    if (UNLIKELY(address % SHADOW_GRANULE != 0 || entry_is_split(all)))
        return OUTCOME_GENERAL;
    if (!judge_states(a, s, states, count, SHADOW_GRANULE, silent))
        return OUTCOME_FAILED;
    for (unsigned i = 0; i < count; i++)
        entry[i] = put;
    return OUTCOME_DONE;
}

/* One or two bytes of a granule become `state & keep | add`. */
INLINE enum outcome change_bytes(struct location_analysis *a, shadow_entry *entry, unsigned first, unsigned count,
                                 shadow_entry keep, shadow_entry add)
{
    shadow_entry e = *entry;
    shadow_entry *slot;
    if (entry_is_split(e)) {
        slot = slot_at(&a->shadow.slots, e);
    } else if (((e & keep) | add) == e) {
        return OUTCOME_DONE;
    } else {
        slot = slot_take(&a->shadow.slots, entry);
        for (unsigned i = first; i < first + count; i++)
            slot[i] = (e & keep) | add;
        return UNLIKELY(a->shadow.slots.failed) ? OUTCOME_FAILED : OUTCOME_DONE;
    }
    for (unsigned i = first; i < first + count; i++)
        slot[i] = (slot[i] & keep) | add;
    slot_settle(&a->shadow.slots, entry, slot);
    return OUTCOME_DONE;
}

INLINE enum outcome load_bytes(struct location_analysis *a, struct fast_site *s, shadow_entry *entry,
                               uint64_t address, unsigned count, shadow_entry fetched)
{
    unsigned first = address % SHADOW_GRANULE;
    if (count == 2 && UNLIKELY(first == 3))
        return OUTCOME_GENERAL;
    bool split = entry_is_split(*entry);
    const shadow_entry *states = split ? slot_at(&a->shadow.slots, *entry) + first : entry;
    if (!judge_touchers(a, s, states, split ? count : 1, 1))
        return OUTCOME_FAILED;
    return change_bytes(a, entry, first, count, ENTRY_WRITER & ~ENTRY_UNREAD, fetched);
}

INLINE enum outcome store_bytes(struct location_analysis *a, struct fast_site *s, shadow_entry *entry,
                                uint64_t address, unsigned count, shadow_entry put, bool silent)
{
    unsigned first = address % SHADOW_GRANULE;
    if (count == 2 && UNLIKELY(first == 3))
        return OUTCOME_GENERAL;
    bool split = entry_is_split(*entry);
    const shadow_entry *states = split ? slot_at(&a->shadow.slots, *entry) + first : entry;
    if (!judge_states(a, s, states, split ? count : 1, 1, silent))
        return OUTCOME_FAILED;
    return change_bytes(a, entry, first, count, 0, put);
}

/* The entry that the access at `address` starts in, or NULL where the general way must go first: where the place is
 * new or the access may leave its window or, if lines are tracked, its line. */
INLINE shadow_entry *fast_entry(const struct location_analysis *a, const struct fast_site *s, uint64_t address,
                                bool tracking)
{
    const struct shadow_window *w = a->shadow.memories[s->memory].low;
    if (UNLIKELY(s->address_64)) {
        if (address >> SHADOW_ADDRESS_BITS || (uint32_t)address > UINT32_MAX - s->width)
            return NULL;
        w = shadow_window(&a->shadow.memories[s->memory], address);
        if (!w)
            return NULL;
        address = (uint32_t)address;
    }
    if (UNLIKELY(!w->chunk_touched[address >> SHADOW_CHUNK_SHIFT]))
        return NULL;
    if (tracking && (w->line_marks[address >> SHADOW_LINE_SHIFT] != LINE_BOTH ||
                     (uint8_t)address + s->width > 1 << SHADOW_LINE_SHIFT))
        return NULL;
    return w->entries + address / SHADOW_GRANULE;
}

INLINE enum outcome access_fast(struct location_analysis *a, struct fast_site *s, const uint8_t *record,
                                bool tracking)
{
    uint64_t word = record_u64(record);
    uint32_t head = (uint32_t)word;
    uint64_t operand = s->address_64 ? record_u64(record + 8) : word >> 32;
    uint64_t address = operand + s->offset;
    unsigned path = s->path;
    if (UNLIKELY(path < PATH_LOAD_1))
        return OUTCOME_GENERAL;
    shadow_entry *entry = fast_entry(a, s, address, tracking);
    if (UNLIKELY(!entry))
        return OUTCOME_GENERAL;
    site_id id = record_site(head);
    bool silent = head & RECORD_FLAG;
    shadow_entry fetched = entry_fetched(id);
    shadow_entry put = entry_put(id);
    switch (path) {
    case PATH_LOAD_1:
        return load_bytes(a, s, entry, address, 1, fetched);
    case PATH_LOAD_2:
        return load_bytes(a, s, entry, address, 2, fetched);
    case PATH_LOAD_4:
        return load_granules(a, s, entry, address, 1, fetched);
    case PATH_LOAD_8:
        return load_granules(a, s, entry, address, 2, fetched);
    case PATH_LOAD_16:
        return load_granules(a, s, entry, address, 4, fetched);
    case PATH_STORE_1:
        return store_bytes(a, s, entry, address, 1, put, silent);
    case PATH_STORE_2:
        return store_bytes(a, s, entry, address, 2, put, silent);
    case PATH_STORE_4:
        return store_granules(a, s, entry, address, 1, put, silent);
    case PATH_STORE_8:
        return store_granules(a, s, entry, address, 2, put, silent);
    case PATH_STORE_16:
        return store_granules(a, s, entry, address, 4, put, silent);
    default:
        return OUTCOME_GENERAL;
    }
}

/* Goes over the records that start in [*at, end), or up to the first opaque call if `tracking` is not on. */
INLINE bool run(struct location_analysis *a, const uint8_t **at, const uint8_t *end, bool tracking)
{
    const uint8_t *p = *at;
    while (p < end) {
        uint32_t head = record_u32(p);
        const uint8_t *record = p;
        struct fast_site *s = &a->sites[record_site(head)];
        /* Adding a constant behind a branch that is foreseen lets the next record start before this one's size is
         * loaded; the barrier keeps the compiler from making it arithmetic again. */
        if (LIKELY(record_size(head) == RECORD_UNIT)) {
            p += RECORD_UNIT;
            __asm__("" : "+r"(p));
        } else {
            p += record_size(head);
        }
        s->count++;
        enum outcome outcome = access_fast(a, s, record, tracking);
        if (outcome == OUTCOME_DONE)
            continue;
        if (outcome == OUTCOME_FAILED)
            return error_no_memory(a->err);
        if (!access_general(a, record))
            return false;
        if (!tracking && a->shadow.tracking)
            break;
    }
    *at = p;
    return true;
}

COLD bool run_plain(struct location_analysis *a, const uint8_t **at, const uint8_t *end)
{
    return run(a, at, end, false);
}

COLD bool run_tracking(struct location_analysis *a, const uint8_t **at, const uint8_t *end)
{
    return run(a, at, end, true);
}

bool location_analysis_put(struct location_analysis *a, const uint8_t *records, size_t size)
{
    const uint8_t *p = records;
    const uint8_t *end = records + size;
    while (p < end) {
        uint64_t room = (flush_after - a->pending) * RECORD_UNIT;
        uint64_t part = (size_t)(end - p) < room ? (size_t)(end - p) : room;
        const uint8_t *before = p;
        bool ok = a->shadow.tracking ? run_tracking(a, &p, p + part) : run_plain(a, &p, p + part);
        if (!ok)
            return false;
        a->pending += (uint64_t)(p - before) / RECORD_UNIT;
        if (a->pending >= flush_after && !flush_sites(a))
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
    a->site_count = SITE_FIRST + table->count;
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

void location_analysis_free(struct location_analysis *a)
{
    if (!a)
        return;
    region_release(a->sites, a->site_count * sizeof *a->sites);
    shadow_release(&a->shadow);
    pair_table_release(&a->pairs);
    free(a->opaque);
    free(a);
}

bool location_analysis_counters(struct location_analysis *a, struct counters *out, struct error *err)
{
    *out = (struct counters){0};
    if (!flush_sites(a))
        return error_no_memory(err);
    out->pairs = malloc((a->pairs.count + 1) * sizeof *out->pairs);
    out->opaque = malloc((a->opaque_count + 1) * sizeof *out->opaque);
    if (!out->pairs || !out->opaque) {
        counters_release(out);
        return error_no_memory(err);
    }
    pair_table_copy(&a->pairs, out->pairs);
    out->pair_count = a->pairs.count;
    if (a->opaque_count)
        memcpy(out->opaque, a->opaque, a->opaque_count * sizeof *out->opaque);
    out->opaque_count = a->opaque_count;
    memcpy(out->accesses, a->accesses, sizeof out->accesses);
    out->bytes_loaded = a->bytes_loaded;
    out->bytes_stored = a->bytes_stored;
    out->unread_at_exit = unread_bytes(&a->shadow);
    return true;
}
