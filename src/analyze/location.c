/* The contract of location.h, and the loop over records: loads and stores whose granules are touched already and that
 * make at most one pair of a kind are dealt with here, everything else in accesses.c. */
#include "analyze/location_state.h"

#include <stdlib.h>

enum { KEY_LOAD = 0, KEY_DEAD = 0, KEY_SILENT = 1 };
enum { FLUSH_EVERY = 1 << 30 }; /* records: far below what a counter of 32 bits holds */

static bool flush_partner(struct location_analysis *a, struct fast_site *f, site_id id, unsigned k)
{
    uint32_t key = f->key[k];
    uint64_t hits = f->hits[k];
    f->hits[k] = 0;
    if (!hits)
        return true;
    bool load = f->path <= PATH_LOAD_16;
    enum defect_kind kind = load ? (key & 1 ? DEFECT_SILENT_LOAD_AFTER_STORE : DEFECT_SILENT_LOAD_AFTER_LOAD)
                                 : (k == KEY_DEAD ? DEFECT_DEAD_STORE : DEFECT_SILENT_STORE);
    return pair_table_add_many(&a->pairs, kind, key >> 1, id, hits, hits * f->width) || error_no_memory(a->err);
}

/* The access met the partner `key`.  False when memory is short. */
static inline bool meet(struct location_analysis *a, struct fast_site *f, site_id id, unsigned k, uint32_t key)
{
    if (f->key[k] != key) {
        if (!flush_partner(a, f, id, k))
            return false;
        f->key[k] = key;
    }
    f->hits[k]++;
    return true;
}

enum outcome { DONE, GENERAL, FAILED };

static inline enum outcome count_load(struct location_analysis *a, struct fast_site *f, site_id id, uint32_t toucher)
{
    return !toucher || meet(a, f, id, KEY_LOAD, toucher) ? DONE : FAILED;
}

static inline enum outcome count_store(struct location_analysis *a, struct fast_site *f, site_id id,
                                       shadow_entry before, bool silent)
{
    uint32_t key = entry_writer(before) | (uint32_t)ENTRY_UNREAD;
    if (before & ENTRY_UNREAD && !meet(a, f, id, KEY_DEAD, key))
        return FAILED;
    if (silent && !meet(a, f, id, KEY_SILENT, key))
        return FAILED;
    return DONE;
}

/* Whole granules, `n` of them. */
static inline enum outcome load_granules(struct location_analysis *a, struct fast_site *f, site_id id,
                                         shadow_entry *entry, unsigned n)
{
    shadow_entry first = entry[0];
    shadow_entry differ = first & ENTRY_SPLIT;
    for (unsigned i = 1; i < n; i++)
        differ |= (entry[i] ^ first) & ENTRY_TOUCHER;
    if (differ)
        return GENERAL;
    for (unsigned i = 0; i < n; i++)
        entry[i] = (entry[i] & (ENTRY_WRITER & ~ENTRY_UNREAD)) | entry_fetched(id);
    return count_load(a, f, id, entry_toucher(first));
}

static inline enum outcome store_granules(struct location_analysis *a, struct fast_site *f, site_id id,
                                          shadow_entry *entry, unsigned n, bool silent)
{
    shadow_entry first = entry[0];
    shadow_entry differ = 0, any = first;
    for (unsigned i = 1; i < n; i++) {
        differ |= (entry[i] ^ first) & ENTRY_WRITER;
        any |= entry[i];
    }
    if (differ || entry_is_split(any))
        return GENERAL;
    for (unsigned i = 0; i < n; i++)
        entry[i] = entry_put(id);
    return count_store(a, f, id, first, silent);
}

/* The entries of `count` bytes from byte `first` of a granule: makes each `state & keep | add`; *before is what they were,
 * if they agreed in `alike`. */
static inline enum outcome narrow(struct slot_arena *slots, shadow_entry *entry, unsigned first, unsigned count,
                                  shadow_entry alike, shadow_entry keep, shadow_entry add, shadow_entry *before)
{
    shadow_entry e = *entry;
    shadow_entry *slot;
    if (entry_is_split(e)) {
        slot = slot_at(slots, e);
        *before = slot[first];
        if (count == 2 && (slot[first + 1] ^ slot[first]) & alike)
            return GENERAL;
    } else {
        *before = e;
        if (((e & keep) | add) == e)
            return DONE;
        slot = slot_take(slots, entry);
    }
    for (unsigned i = first; i < first + count; i++)
        slot[i] = (slot[i] & keep) | add;
    slot_settle(slots, entry, slot);
    return slots->failed ? FAILED : DONE;
}

static inline enum outcome load_narrow(struct location_analysis *a, struct fast_site *f, site_id id,
                                       shadow_entry *entry, unsigned first, unsigned count)
{
    shadow_entry before;
    if (first + count > SHADOW_GRANULE)
        return GENERAL;
    enum outcome o = narrow(&a->shadow.slots, entry, first, count, ENTRY_TOUCHER, ENTRY_WRITER & ~ENTRY_UNREAD,
                            entry_fetched(id), &before);
    return o == DONE ? count_load(a, f, id, entry_toucher(before)) : o;
}

static inline enum outcome store_narrow(struct location_analysis *a, struct fast_site *f, site_id id,
                                        shadow_entry *entry, unsigned first, unsigned count, bool silent)
{
    shadow_entry before;
    if (first + count > SHADOW_GRANULE)
        return GENERAL;
    enum outcome o =
        narrow(&a->shadow.slots, entry, first, count, ENTRY_WRITER, 0, entry_put(id), &before);
    return o == DONE ? count_store(a, f, id, before, silent) : o;
}

static inline enum outcome take_fast(struct location_analysis *a, struct fast_site *f, site_id id,
                                     shadow_entry *entry, unsigned byte, bool flag)
{
    if (byte && f->width >= SHADOW_GRANULE)
        return GENERAL;
    switch (f->path) {
    case PATH_LOAD_1:
        return load_narrow(a, f, id, entry, byte, 1);
    case PATH_LOAD_2:
        return load_narrow(a, f, id, entry, byte, 2);
    case PATH_LOAD_4:
        return load_granules(a, f, id, entry, 1);
    case PATH_LOAD_8:
        return load_granules(a, f, id, entry, 2);
    case PATH_LOAD_16:
        return load_granules(a, f, id, entry, 4);
    case PATH_STORE_1:
        return store_narrow(a, f, id, entry, byte, 1, flag);
    case PATH_STORE_2:
        return store_narrow(a, f, id, entry, byte, 2, flag);
    case PATH_STORE_4:
        return store_granules(a, f, id, entry, 1, flag);
    case PATH_STORE_8:
        return store_granules(a, f, id, entry, 2, flag);
    default:
        return store_granules(a, f, id, entry, 4, flag);
    }
}

/* The fast paths of one record.  `tracking` is a constant, so that two loops come of one text. */
static inline enum outcome take(struct location_analysis *a, struct fast_site *f, site_id id, const uint8_t *p,
                                uint32_t head, bool tracking)
{
    if (f->path <= PATH_GENERAL)
        return GENERAL;
    uint64_t address = f->address_64 ? record_u64(p + 8) : record_u32(p + 4);
    address += f->offset;
    if (f->address_64 && address > UINT32_MAX - 16)
        return GENERAL;
    struct shadow_window *w = a->shadow.memories[f->memory].low;
    if (!w->chunk_touched[address >> SHADOW_CHUNK_SHIFT])
        return GENERAL;
    if (tracking && (w->line_marks[address >> SHADOW_LINE_SHIFT] != LINE_BOTH ||
                     w->line_marks[(address + f->width - 1) >> SHADOW_LINE_SHIFT] != LINE_BOTH))
        return GENERAL;
    return take_fast(a, f, id, w->entries + address / SHADOW_GRANULE, address % SHADOW_GRANULE, head & RECORD_FLAG);
}

/* Goes on until the end, or until tracking starts. */
static inline bool loop(struct location_analysis *a, const uint8_t **records, const uint8_t *end, bool tracking)
{
    const uint8_t *p = *records;
    while (p < end && a->shadow.tracking == tracking) {
        uint32_t head = record_u32(p);
        site_id id = record_site(head);
        struct fast_site *f = &a->sites[id];
        f->count++;
        enum outcome o = take(a, f, id, p, head, tracking);
        if (o == FAILED)
            return error_no_memory(a->err);
        if (o == GENERAL && !access_general(a, p))
            return false;
        p += record_size(head);
    }
    *records = p;
    return true;
}

static const uint8_t pseudo_kinds[SITE_FIRST] = {
    [SITE_HOST_READ] = ACCESS_HOST_READ,
    [SITE_HOST_WRITE] = ACCESS_HOST_WRITE,
    [SITE_OPAQUE_ENTER] = ACCESS_OPAQUE_ENTER,
    [SITE_OPAQUE_LEAVE] = ACCESS_OPAQUE_LEAVE,
};

/* Moves what was counted at sites to the totals. */
static bool flush_sites(struct location_analysis *a)
{
    for (site_id id = 0; id < a->site_count; id++) {
        struct fast_site *f = &a->sites[id];
        if (!f->count)
            continue;
        unsigned kind = id < SITE_FIRST ? pseudo_kinds[id] : site_get(a->table, id)->kind;
        uint64_t bytes = (uint64_t)f->count * f->width;
        a->accesses[kind] += f->count;
        if (kind == ACCESS_LOAD || kind == ACCESS_RMW || kind == ACCESS_CMPXCHG || kind == ACCESS_WAIT)
            a->bytes_loaded += bytes;
        if (kind == ACCESS_STORE || kind == ACCESS_RMW)
            a->bytes_stored += bytes;
        f->count = 0;
        if (!flush_partner(a, f, id, 0) || !flush_partner(a, f, id, 1))
            return false;
    }
    a->pending = 0;
    return true;
}

bool location_analysis_put(struct location_analysis *a, const uint8_t *records, size_t size)
{
    const uint8_t *end = records + size;
    a->pending += size / RECORD_UNIT;
    while (records < end) {
        bool ok = a->shadow.tracking ? loop(a, &records, end, true) : loop(a, &records, end, false);
        if (!ok)
            return false;
    }
    return a->pending < FLUSH_EVERY || flush_sites(a);
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
    a->sites = calloc(a->site_count, sizeof *a->sites);
    size_t memories = table->memories > table->host_memory ? table->memories : (size_t)table->host_memory + 1;
    if (!a->sites)
        error_no_memory(err);
    if (!a->sites || !shadow_init(&a->shadow, memories, err)) {
        location_analysis_free(a);
        return NULL;
    }
    return a;
}

void location_analysis_free(struct location_analysis *a)
{
    if (!a)
        return;
    shadow_release(&a->shadow);
    pair_table_release(&a->pairs);
    free(a->sites);
    free(a->opaque);
    free(a);
}

bool location_analysis_counters(struct location_analysis *a, struct counters *out, struct error *err)
{
    *out = (struct counters){0};
    if (!flush_sites(a))
        return error_no_memory(err);
    out->pairs = calloc(a->pairs.count + 1, sizeof *out->pairs);
    out->opaque = calloc(a->opaque_count + 1, sizeof *out->opaque);
    if (!out->pairs || !out->opaque) {
        counters_release(out);
        return error_no_memory(err);
    }
    pair_table_copy(&a->pairs, out->pairs);
    out->pair_count = a->pairs.count;
    for (size_t i = 0; i < a->opaque_count; i++)
        out->opaque[i] = a->opaque[i];
    out->opaque_count = a->opaque_count;
    for (size_t i = 0; i < sizeof out->accesses / sizeof *out->accesses; i++)
        out->accesses[i] = a->accesses[i];
    out->bytes_loaded = a->bytes_loaded;
    out->bytes_stored = a->bytes_stored;
    out->unread_at_exit = unread_bytes(&a->shadow);
    return true;
}
