/* Straight from docs/semantics.md: a state for every byte, looked at byte by byte.  It shares nothing with the analysis by
 * location, so that each can be held against the other. */
#include "analyze/index.h"

#include "base/vec.h"

#include <stdlib.h>

/* A writer or toucher is 0 (initial content, nobody), 1 (the host, as a writer), or its trace index + 2. */
enum { WHO_NONE = 0, WHO_HOST = 1, WHO_FIRST = 2 };

struct byte_state {
    uint64_t writer;  /* who << 1 | 1 while nobody has read it */
    uint64_t toucher; /* who << 1 | 1 if it put the byte */
};

/* Addresses have 44 bits: 20 + 12 + 12. */
enum { PAGE_BITS = 12, TABLE_BITS = 12, ROOT_BITS = 20 };

struct page {
    struct byte_state bytes[1 << PAGE_BITS];
    struct page *next; /* in the list of all pages, for freeing them */
};

struct page_table {
    struct page *pages[1 << TABLE_BITS];
};

/* The part of a second access's bytes that have one first side. */
struct part {
    uint64_t who;
    uint64_t bytes;
    uint8_t kind;
};

struct parts {
    struct part *items;
    size_t count, capacity;
};

struct index_analysis {
    const struct site_table *table;
    struct index_sink sink;
    struct error *err;
    struct page_table ***roots; /* one of 1 << ROOT_BITS tables for each memory, NULL until touched */
    size_t memory_count;
    struct page *pages;
    uint64_t index; /* of the next access */
    /* Barriers (docs/semantics.md "The host") in no time: whatever a writer before the last enter wrote counts as read, and a
     * toucher before the last leave counts as none. */
    uint64_t first_unread, first_toucher;
    struct parts dead, silent_store, silent_load;
};

struct index_analysis *index_analysis_new(const struct site_table *table, struct index_sink sink, struct error *err)
{
    struct index_analysis *a = calloc(1, sizeof *a);
    if (!a) {
        error_no_memory(err);
        return NULL;
    }
    *a = (struct index_analysis){.table = table, .sink = sink, .err = err};
    a->memory_count = table->memories > table->host_memory ? table->memories : (size_t)table->host_memory + 1;
    a->roots = calloc(a->memory_count, sizeof *a->roots);
    if (!a->roots) {
        error_no_memory(err);
        index_analysis_free(a);
        return NULL;
    }
    return a;
}

void index_analysis_free(struct index_analysis *a)
{
    if (!a)
        return;
    for (size_t m = 0; a->roots && m < a->memory_count; m++) {
        for (size_t i = 0; a->roots[m] && i < (size_t)1 << ROOT_BITS; i++)
            free(a->roots[m][i]);
        free(a->roots[m]);
    }
    while (a->pages) {
        struct page *next = a->pages->next;
        free(a->pages);
        a->pages = next;
    }
    free(a->roots);
    free(a->dead.items);
    free(a->silent_store.items);
    free(a->silent_load.items);
    free(a);
}

/* The page of an address; NULL when memory is short or the address out of reach. */
static struct page *find_page(struct index_analysis *a, unsigned memory, uint64_t address)
{
    uint64_t n = address >> PAGE_BITS;
    if (n >> TABLE_BITS >= (uint64_t)1 << ROOT_BITS)
        goto fail;
    struct page_table ***root = &a->roots[memory];
    if (!*root && !(*root = calloc((size_t)1 << ROOT_BITS, sizeof **root)))
        goto fail;
    struct page_table **table = &(*root)[n >> TABLE_BITS];
    if (!*table && !(*table = calloc(1, sizeof **table)))
        goto fail;
    struct page **page = &(*table)->pages[n & ((1 << TABLE_BITS) - 1)];
    if (!*page) {
        if (!(*page = calloc(1, sizeof **page)))
            goto fail;
        (*page)->next = a->pages;
        a->pages = *page;
    }
    return *page;
fail:
    error_no_memory(a->err);
    return NULL;
}

static bool parts_add(struct index_analysis *a, struct parts *p, unsigned kind, uint64_t who)
{
    if (p->count && p->items[p->count - 1].who == who && p->items[p->count - 1].kind == kind) {
        p->items[p->count - 1].bytes++;
        return true;
    }
    if (!vec_room((void **)&p->items, &p->capacity, p->count, sizeof *p->items))
        return error_no_memory(a->err);
    p->items[p->count++] = (struct part){who, 1, (uint8_t)kind};
    return true;
}

static int compare_parts(const void *x, const void *y)
{
    const struct part *a = x, *b = y;
    if (a->who != b->who)
        return a->who < b->who ? -1 : 1;
    return (a->kind > b->kind) - (a->kind < b->kind);
}

/* Hands over the parts of one list, those of one first side as one pair, and empties it. */
static bool parts_emit(struct index_analysis *a, struct parts *p)
{
    if (p->count > 1)
        qsort(p->items, p->count, sizeof *p->items, compare_parts);
    size_t n = p->count;
    p->count = 0;
    for (size_t i = 0; i < n;) {
        struct part part = p->items[i++];
        for (; i < n && compare_parts(&p->items[i], &part) == 0; i++)
            part.bytes += p->items[i].bytes;
        struct index_pair pair = {.kind = part.kind, .second = a->index, .bytes = part.bytes};
        pair.first = part.who == WHO_NONE ? INDEX_INIT : part.who == WHO_HOST ? INDEX_HOST : part.who - WHO_FIRST;
        if (!a->sink.pair(a->sink.self, &pair))
            return false;
    }
    return true;
}

/* What happens to one byte. */
typedef bool byte_step(struct index_analysis *a, const struct access *x, struct byte_state *byte);

static bool for_bytes(struct index_analysis *a, const struct access *x, unsigned memory, uint64_t at, byte_step *step)
{
    const uint64_t page_size = 1 << PAGE_BITS;
    for (uint64_t left = x->length; left;) {
        struct page *page = find_page(a, memory, at);
        if (!page)
            return false;
        uint64_t from = at % page_size;
        uint64_t n = left < page_size - from ? left : page_size - from;
        for (uint64_t i = from; i < from + n; i++)
            if (!step(a, x, &page->bytes[i]))
                return false;
        at += n;
        left -= n;
    }
    return true;
}

static uint64_t self(const struct index_analysis *a, bool put)
{
    return (a->index + WHO_FIRST) << 1 | put;
}

static bool step_read(struct index_analysis *a, const struct access *x, struct byte_state *byte)
{
    (void)a;
    (void)x;
    byte->writer &= ~(uint64_t)1;
    return true;
}

static bool step_fetch(struct index_analysis *a, const struct access *x, struct byte_state *byte)
{
    byte->toucher = self(a, false);
    return step_read(a, x, byte);
}

/* An rmw has read the byte itself, so that nothing is dead by it, and is never silent. */
static bool step_modify(struct index_analysis *a, const struct access *x, struct byte_state *byte)
{
    (void)x;
    byte->writer = byte->toucher = self(a, true);
    return true;
}

static bool step_put(struct index_analysis *a, const struct access *x, struct byte_state *byte)
{
    uint64_t writer = byte->writer >> 1;
    if (byte->writer & 1 && writer >= a->first_unread && !parts_add(a, &a->dead, DEFECT_DEAD_STORE, writer))
        return false;
    if (x->flag && !parts_add(a, &a->silent_store, DEFECT_SILENT_STORE, writer))
        return false;
    if (x->kind == ACCESS_HOST_WRITE) {
        *byte = (struct byte_state){.writer = WHO_HOST << 1};
        return true;
    }
    return step_modify(a, x, byte);
}

/* A load is silent only if every byte has a toucher: what was found so far is dropped at the first that has none. */
static bool step_judge(struct index_analysis *a, const struct access *x, struct byte_state *byte)
{
    (void)x;
    bool put = byte->toucher & 1;
    uint64_t who = byte->toucher >> 1;
    return parts_add(a, &a->silent_load, put ? DEFECT_SILENT_LOAD_AFTER_STORE : DEFECT_SILENT_LOAD_AFTER_LOAD,
                     who >= a->first_toucher ? who : WHO_NONE);
}

static bool load(struct index_analysis *a, const struct access *x)
{
    if (!for_bytes(a, x, x->memory, x->address, step_judge))
        return false;
    for (size_t i = 0; i < a->silent_load.count; i++)
        if (a->silent_load.items[i].who == WHO_NONE)
            a->silent_load.count = 0;
    return for_bytes(a, x, x->memory, x->address, step_fetch);
}

static bool dispatch(struct index_analysis *a, const struct access *x)
{
    switch (x->kind) {
    case ACCESS_LOAD:
        return load(a, x);
    case ACCESS_WAIT:
        return for_bytes(a, x, x->memory, x->address, step_fetch);
    case ACCESS_RMW:
        return for_bytes(a, x, x->memory, x->address, step_modify);
    case ACCESS_CMPXCHG:
        return for_bytes(a, x, x->memory, x->address, x->flag ? step_modify : step_fetch);
    case ACCESS_COPY:
        return for_bytes(a, x, x->memory_from, x->source, step_fetch) &&
               for_bytes(a, x, x->memory, x->address, step_put);
    case ACCESS_HOST_READ:
        return for_bytes(a, x, x->memory, x->address, step_read);
    default:
        return for_bytes(a, x, x->memory, x->address, step_put);
    }
}

bool index_analysis_put(struct index_analysis *a, const uint8_t *records, size_t size)
{
    const uint8_t *end = records + size;
    while (records < end) {
        struct access x;
        records += record_read(a->table, records, &x);
        if (access_is_note(x.kind))
            continue;
        if (!access_is_numbered(x.kind)) {
            *(x.kind == ACCESS_OPAQUE_ENTER ? &a->first_unread : &a->first_toucher) = a->index + WHO_FIRST;
            continue;
        }
        if (!dispatch(a, &x) || !parts_emit(a, &a->dead) || !parts_emit(a, &a->silent_store) ||
            !parts_emit(a, &a->silent_load))
            return false;
        a->index++;
    }
    return true;
}
