#include "naive.h"

#include <stdlib.h>

enum { PAGE_SIZE = 4096 };

struct byte {
    bool written; /* by a program access */
    bool host;    /* last written by the host */
    bool read;    /* since it was written */
    bool touched;
    bool put;         /* touched by putting */
    uint64_t writer;  /* trace index, if written */
    uint64_t toucher; /* trace index, if touched */
};

struct page {
    unsigned memory;
    uint64_t number;
    struct byte bytes[PAGE_SIZE];
};

struct naive {
    const struct site_table *table;
    struct page **pages;
    size_t page_count;
    site_id *sites; /* of every access */
    size_t index;   /* of the next access */
    struct index_pair *pairs;
    size_t pair_count;
    size_t open; /* where the pairs of the access that is being looked at start */
    struct counters sums;
};

static void *grown(void *items, size_t count, size_t size)
{
    if (count & (count - 1)) /* room is made at powers of two */
        return items;
    items = realloc(items, (count ? 2 * count : 1) * size);
    if (!items)
        abort();
    return items;
}

struct naive *naive_new(const struct site_table *table)
{
    struct naive *n = calloc(1, sizeof *n);
    if (!n)
        abort();
    n->table = table;
    return n;
}

void naive_free(struct naive *n)
{
    for (size_t i = 0; i < n->page_count; i++)
        free(n->pages[i]);
    free(n->pages);
    free(n->sites);
    free(n->pairs);
    counters_release(&n->sums);
    free(n);
}

static struct byte *byte_at(struct naive *n, unsigned memory, uint64_t address)
{
    uint64_t number = address / PAGE_SIZE;
    for (size_t i = 0; i < n->page_count; i++) {
        if (n->pages[i]->memory == memory && n->pages[i]->number == number)
            return &n->pages[i]->bytes[address % PAGE_SIZE];
    }
    struct page *page = calloc(1, sizeof *page);
    if (!page)
        abort();
    page->memory = memory;
    page->number = number;
    n->pages = grown(n->pages, n->page_count, sizeof(struct page *));
    n->pages[n->page_count++] = page;
    return &page->bytes[address % PAGE_SIZE];
}

/* One byte more for a pair of the access that is being looked at. */
static void pair(struct naive *n, unsigned kind, uint64_t first)
{
    for (size_t i = n->open; i < n->pair_count; i++) {
        if (n->pairs[i].kind == kind && n->pairs[i].first == first) {
            n->pairs[i].bytes++;
            return;
        }
    }
    n->pairs = grown(n->pairs, n->pair_count, sizeof *n->pairs);
    n->pairs[n->pair_count++] =
        (struct index_pair){.kind = (uint8_t)kind, .first = first, .second = n->index, .bytes = 1};
}

static void reads(struct naive *n, unsigned memory, uint64_t at, uint64_t size)
{
    for (uint64_t i = 0; i < size; i++)
        byte_at(n, memory, at + i)->read = true;
}

static void touch(struct naive *n, unsigned memory, uint64_t at, uint64_t size, bool put)
{
    for (uint64_t i = 0; i < size; i++) {
        struct byte *b = byte_at(n, memory, at + i);
        b->touched = true;
        b->put = put;
        b->toucher = n->index;
    }
}

static void writes(struct naive *n, unsigned memory, uint64_t at, uint64_t size)
{
    for (uint64_t i = 0; i < size; i++) {
        struct byte *b = byte_at(n, memory, at + i);
        b->written = true;
        b->host = false;
        b->read = false;
        b->writer = n->index;
    }
}

static void judge_dead(struct naive *n, const struct access *t)
{
    for (uint64_t i = 0; i < t->length; i++) {
        const struct byte *b = byte_at(n, t->memory, t->address + i);
        if (b->written && !b->read)
            pair(n, DEFECT_DEAD_STORE, b->writer);
    }
}

static void judge_silent_store(struct naive *n, const struct access *t)
{
    if (!t->flag)
        return;
    for (uint64_t i = 0; i < t->length; i++) {
        const struct byte *b = byte_at(n, t->memory, t->address + i);
        pair(n, DEFECT_SILENT_STORE, b->written ? b->writer : b->host ? INDEX_HOST : INDEX_INIT);
    }
}

static void judge_silent_load(struct naive *n, const struct access *l)
{
    for (uint64_t i = 0; i < l->length; i++) {
        if (!byte_at(n, l->memory, l->address + i)->touched)
            return;
    }
    for (uint64_t i = 0; i < l->length; i++) {
        const struct byte *b = byte_at(n, l->memory, l->address + i);
        pair(n, b->put ? DEFECT_SILENT_LOAD_AFTER_STORE : DEFECT_SILENT_LOAD_AFTER_LOAD, b->toucher);
    }
}

static void host_writes(struct naive *n, const struct access *t)
{
    for (uint64_t i = 0; i < t->length; i++) {
        struct byte *b = byte_at(n, t->memory, t->address + i);
        b->written = false;
        b->host = true;
        b->touched = false;
    }
}

static void observe(struct naive *n, const struct access *x)
{
    switch (x->kind) {
    case ACCESS_LOAD:
        judge_silent_load(n, x);
        reads(n, x->memory, x->address, x->length);
        touch(n, x->memory, x->address, x->length, false);
        n->sums.bytes_loaded += x->length;
        break;
    case ACCESS_WAIT:
        reads(n, x->memory, x->address, x->length);
        touch(n, x->memory, x->address, x->length, false);
        n->sums.bytes_loaded += x->length;
        break;
    case ACCESS_RMW:
    case ACCESS_CMPXCHG:
        reads(n, x->memory, x->address, x->length);
        n->sums.bytes_loaded += x->length;
        if (x->kind == ACCESS_RMW || x->flag) {
            writes(n, x->memory, x->address, x->length);
            touch(n, x->memory, x->address, x->length, true);
            n->sums.bytes_stored += x->length;
        } else {
            touch(n, x->memory, x->address, x->length, false);
        }
        break;
    case ACCESS_COPY:
        reads(n, x->memory_from, x->source, x->length);
        touch(n, x->memory_from, x->source, x->length, false);
        n->sums.bytes_loaded += x->length;
        /* fall through */
    case ACCESS_STORE:
    case ACCESS_FILL:
    case ACCESS_INIT:
        judge_dead(n, x);
        judge_silent_store(n, x);
        writes(n, x->memory, x->address, x->length);
        touch(n, x->memory, x->address, x->length, true);
        n->sums.bytes_stored += x->length;
        break;
    case ACCESS_HOST_READ:
        reads(n, x->memory, x->address, x->length);
        break;
    case ACCESS_HOST_WRITE:
        judge_dead(n, x);
        host_writes(n, x);
        break;
    default:
        abort();
    }
}

static int list_of(unsigned kind)
{
    return kind == DEFECT_DEAD_STORE ? 0 : kind == DEFECT_SILENT_STORE ? 1 : 2;
}

static uint64_t first_rank(uint64_t first)
{
    return first == INDEX_INIT ? 0 : first == INDEX_HOST ? 1 : first + 2;
}

static int compare_index_pairs(const void *x, const void *y)
{
    const struct index_pair *a = x, *b = y;
    if (list_of(a->kind) != list_of(b->kind))
        return list_of(a->kind) - list_of(b->kind);
    if (a->first != b->first)
        return first_rank(a->first) < first_rank(b->first) ? -1 : 1;
    return a->kind - b->kind;
}

static void count_opaque(struct counters *c, uint32_t func)
{
    size_t i = 0;
    while (i < c->opaque_count && c->opaque[i].func != func)
        i++;
    if (i == c->opaque_count) {
        c->opaque = grown(c->opaque, i, sizeof *c->opaque);
        c->opaque[c->opaque_count++] = (struct opaque_count){.func = func};
    }
    c->opaque[i].calls++;
}

static void barrier(struct naive *n, const struct access *x)
{
    for (size_t p = 0; p < n->page_count; p++) {
        for (size_t i = 0; i < PAGE_SIZE; i++) {
            if (x->kind == ACCESS_OPAQUE_ENTER)
                n->pages[p]->bytes[i].read = true;
            else
                n->pages[p]->bytes[i].touched = false;
        }
    }
    if (x->kind == ACCESS_OPAQUE_ENTER)
        count_opaque(&n->sums, x->aux);
}

void naive_put(struct naive *n, const uint8_t *records, size_t size)
{
    const uint8_t *end = records + size;
    while (records < end) {
        struct access x;
        records += record_read(n->table, records, &x);
        if (!access_is_numbered(x.kind)) {
            barrier(n, &x);
            continue;
        }
        n->sums.accesses[x.kind]++;
        n->sites = grown(n->sites, n->index, sizeof *n->sites);
        n->sites[n->index] = x.site;
        n->open = n->pair_count;
        observe(n, &x);
        if (n->pair_count > n->open)
            qsort(n->pairs + n->open, n->pair_count - n->open, sizeof *n->pairs, compare_index_pairs);
        n->index++;
    }
}

const struct index_pair *naive_pairs(const struct naive *n, size_t *count)
{
    *count = n->pair_count;
    return n->pairs;
}

site_id naive_site(const struct naive *n, uint64_t index)
{
    return n->sites[index];
}

struct instance {
    struct pair_count pair; /* instances: 1 */
    struct pair_distance distance;
    uint64_t second;
};

static int compare_pairs(const void *x, const void *y)
{
    const struct pair_count *a = x, *b = y;
    if (a->kind != b->kind)
        return a->kind - b->kind;
    if (a->first != b->first)
        return a->first < b->first ? -1 : 1;
    return a->second < b->second ? -1 : a->second > b->second;
}

static int compare_instances(const void *x, const void *y)
{
    const struct instance *a = x, *b = y;
    int order = compare_pairs(&a->pair, &b->pair);
    return order ? order : a->second < b->second ? -1 : a->second > b->second;
}

/* Of each access: the next one of its site, or how many there are. */
static uint64_t *next_runs(const struct naive *n)
{
    uint64_t *next = calloc(n->index + 1, sizeof *next), *of = calloc(SITE_FIRST + n->table->count, sizeof *of);
    if (!next || !of)
        abort();
    for (size_t i = 0; i < SITE_FIRST + n->table->count; i++)
        of[i] = n->index;
    for (size_t i = n->index; i-- > 0; of[n->sites[i]] = i)
        next[i] = of[n->sites[i]];
    free(of);
    return next;
}

/* docs/report.md "Distances". */
static void measure(const struct naive *n, const struct index_pair *p, site_id first, const uint64_t *next,
                    struct pair_distance *out)
{
    if (p->first == INDEX_INIT)
        return;
    uint64_t between = p->second - p->first - 1, bucket = 0;
    for (uint64_t limit = 10; bucket < DISTANCE_BUCKETS - 1 && between >= limit; limit *= 10)
        bucket++;
    site_id second = n->sites[p->second];
    bool latest = next[p->first] >= p->second, once = true;
    for (uint64_t i = p->first + 1; latest && once && i < p->second; i++)
        once = n->sites[i] != second;
    const struct site *a = first < SITE_FIRST ? NULL : site_get(n->table, first);
    const struct site *b = second < SITE_FIRST ? NULL : site_get(n->table, second);
    bool follows = a && b && (a->func == b->func ? a->file_off < b->file_off : between < 100);
    latest = latest && a;
    enum distance_span span = latest && once && follows                        ? SPAN_ROUND
                              : (latest || between < 100) && between < 1000000 ? SPAN_BETWEEN
                                                                               : SPAN_FAR;
    out->buckets[bucket] += p->bytes;
    out->spans[span] += p->bytes;
}

static void add_distance(struct pair_distance *to, const struct pair_distance *from)
{
    for (unsigned i = 0; i < DISTANCE_BUCKETS; i++)
        to->buckets[i] += from->buckets[i];
    for (unsigned i = 0; i < DISTANCE_SPANS; i++)
        to->spans[i] += from->spans[i];
}

void naive_group(const struct naive *n, const struct index_pair *pairs, size_t count, struct counters *out)
{
    struct instance *all = calloc(count + 1, sizeof *all);
    out->pairs = calloc(count + 1, sizeof *out->pairs);
    out->distances = calloc(count + 1, sizeof *out->distances);
    uint64_t *next = next_runs(n);
    if (!all || !out->pairs || !out->distances)
        abort();
    for (size_t i = 0; i < count; i++) {
        const struct index_pair *p = &pairs[i];
        site_id first = p->first == INDEX_INIT   ? SITE_NONE
                        : p->first == INDEX_HOST ? SITE_HOST_WRITE
                                                 : n->sites[p->first];
        all[i].pair =
            (struct pair_count){.kind = p->kind, .first = first, .second = n->sites[p->second], .bytes = p->bytes};
        all[i].second = p->second;
        if (p->first != INDEX_HOST) /* which access of the host's it was is not known */
            measure(n, p, first, next, &all[i].distance);
    }
    qsort(all, count, sizeof *all, compare_instances);
    struct pair_count *last = NULL;
    for (size_t i = 0; i < count; i++) {
        if (!last || compare_pairs(last, &all[i].pair) != 0) {
            last = &out->pairs[out->pair_count];
            *last = all[i].pair;
            out->distances[out->pair_count++] = all[i].distance;
            last->instances = 1;
            continue;
        }
        last->bytes += all[i].pair.bytes;
        add_distance(&out->distances[out->pair_count - 1], &all[i].distance);
        if (all[i].second != all[i - 1].second)
            last->instances++;
    }
    free(next);
    free(all);
}

static int compare_opaque(const void *x, const void *y)
{
    const struct opaque_count *a = x, *b = y;
    return a->func < b->func ? -1 : a->func > b->func;
}

void naive_counters(const struct naive *n, struct counters *out)
{
    *out = n->sums;
    out->opaque = calloc(n->sums.opaque_count + 1, sizeof *out->opaque);
    if (!out->opaque)
        abort();
    for (size_t i = 0; i < n->sums.opaque_count; i++)
        out->opaque[i] = n->sums.opaque[i];
    qsort(out->opaque, out->opaque_count, sizeof *out->opaque, compare_opaque);
    naive_group(n, n->pairs, n->pair_count, out);
    for (size_t p = 0; p < n->page_count; p++) {
        for (size_t i = 0; i < PAGE_SIZE; i++) {
            const struct byte *b = &n->pages[p]->bytes[i];
            out->unread_at_exit += b->written && !b->read;
        }
    }
}

void naive_sort(struct counters *c)
{
    struct instance *all = calloc(c->pair_count + 1, sizeof *all);
    if (!all)
        abort();
    for (size_t i = 0; i < c->pair_count; i++) {
        all[i].pair = c->pairs[i];
        if (c->distances)
            all[i].distance = c->distances[i];
    }
    qsort(all, c->pair_count, sizeof *all, compare_instances);
    for (size_t i = 0; i < c->pair_count; i++) {
        c->pairs[i] = all[i].pair;
        if (c->distances)
            c->distances[i] = all[i].distance;
    }
    free(all);
}
