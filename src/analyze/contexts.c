/* The sites of a function have ids in a row.  The first time that anything happens in a context, it gets as many ids (clones,
 * trace/site.h) for them; from then on a record's id and a constant make the clone's.  So the analysis by location need not
 * know about contexts.  Where objects are followed, every access gets a further clone, of what it does to its object. */
#include "analyze/contexts.h"

#include "analyze/location.h"
#include "analyze/object_ids.h"
#include "analyze/objects.h"
#include "analyze/region.h"
#include "base/vec.h"
#include "trace/context.h"

#include <stdlib.h>

/* More sites in contexts are not told apart: each costs 40 bytes, or 60. */
enum { CLONES_MAX = 1 << 24, BUFFER_FIRST = 1 << 16 };

struct node {
    struct context_node is;
    bool met;       /* `delta` is known */
    uint32_t delta; /* from an id of a site of its function to that of its clone, modulo 2^32 */
};

/* The clones of one context; ascending. */
struct block {
    uint32_t first; /* index into `clones` */
    uint32_t node;
};

/* Where a function's sites are in the table. */
struct span {
    uint32_t first, count;
};

/* What it takes to know an access's address, by site. */
struct place {
    uint64_t offset;
    uint32_t func;
    uint16_t memory;
    uint8_t address_64;
    bool ranged; /* a fill, copy or init */
};

struct context_analysis {
    struct site_table table; /* with clones; its sites are borrowed */
    struct error *err;
    struct location_analysis *location;
    uint32_t *clones;   /* the table's */
    struct node *nodes; /* by number */
    size_t node_count, node_capacity;
    struct block *blocks;
    size_t block_count, block_capacity;
    struct span *spans; /* by function */
    size_t span_count;
    uint32_t delta; /* of the context that records are in */
    bool merged;    /* something was put down to CONTEXT_OTHER */
    bool contexts;
    struct object_map *objects; /* NULL: not followed, and the next two are not used */
    struct object_ids ids;
    struct place *places;
    uint8_t *buffer; /* of records with ids of clones */
    size_t buffer_size;
};

static bool find_spans(struct context_analysis *c)
{
    for (size_t i = 0; i < c->table.count; i++)
        if (c->table.sites[i].func >= c->span_count)
            c->span_count = (size_t)c->table.sites[i].func + 1;
    c->spans = calloc(c->span_count + 1, sizeof *c->spans);
    for (size_t i = 0; c->spans && i < c->table.count; i++) {
        struct span *s = &c->spans[c->table.sites[i].func];
        if (!s->count++)
            s->first = (uint32_t)i;
    }
    return c->spans;
}

static bool add_node(struct context_analysis *c, struct context_node is)
{
    if (!vec_room((void **)&c->nodes, &c->node_capacity, c->node_count, sizeof *c->nodes))
        return error_no_memory(c->err);
    c->nodes[c->node_count++] = (struct node){.is = is};
    return true;
}

static bool open_objects(struct context_analysis *c, const struct object_layout *layout)
{
    if (!layout)
        return true;
    size_t id_limit = SITE_FIRST + c->table.count + CLONES_MAX;
    c->places = calloc(c->table.count + 1, sizeof *c->places);
    c->objects = object_map_new(layout, id_limit, c->err);
    if (!c->places || !c->objects || !object_ids_open(&c->ids, id_limit, CLONES_MAX))
        return false;
    for (size_t i = 0; i < c->table.count; i++) {
        const struct site *s = &c->table.sites[i];
        c->places[i] = (struct place){s->static_offset, s->func, s->memory, s->address_64, s->kind >= ACCESS_FILL};
    }
    return true;
}

struct context_analysis *context_analysis_new(const struct site_table *table, bool contexts,
                                              const struct object_layout *layout, struct error *err)
{
    struct context_analysis *c = calloc(1, sizeof *c);
    if (!c) {
        error_no_memory(err);
        return NULL;
    }
    c->table = *table;
    c->err = err;
    c->contexts = contexts;
    c->clones = region_reserve((size_t)CLONES_MAX * sizeof *c->clones);
    c->table.clones = c->clones;
    c->table.clone_limit = CLONES_MAX;
    const struct context_node outside = {.func = CONTEXT_NO_FUNC};
    bool ok = c->clones && find_spans(c) && add_node(c, outside) && add_node(c, outside) && /* up to CONTEXT_FIRST */
              open_objects(c, layout);
    if (!ok)
        error_no_memory(err);
    else
        c->location = location_analysis_new(&c->table, err);
    if (c->location)
        return c;
    context_analysis_free(c);
    return NULL;
}

void context_analysis_free(struct context_analysis *c)
{
    if (!c)
        return;
    location_analysis_free(c->location);
    region_release(c->clones, (size_t)CLONES_MAX * sizeof *c->clones);
    free(c->nodes);
    free(c->blocks);
    free(c->spans);
    free(c->buffer);
    free(c->places);
    object_map_free(c->objects);
    object_ids_close(&c->ids);
    free(c);
}

/* Gives a context ids, if there are any left. */
static bool meet(struct context_analysis *c, uint32_t number)
{
    struct node *n = &c->nodes[number];
    n->met = true;
    struct span span = n->is.func < c->span_count ? c->spans[n->is.func] : (struct span){0};
    if (!span.count)
        return true;
    size_t first = c->table.clone_count;
    if (first + span.count > CLONES_MAX)
        return true;
    if (!vec_room((void **)&c->blocks, &c->block_capacity, c->block_count, sizeof *c->blocks))
        return error_no_memory(c->err);
    c->blocks[c->block_count++] = (struct block){(uint32_t)first, number};
    for (uint32_t i = 0; i < span.count; i++)
        c->clones[first + i] = span.first + i;
    c->table.clone_count += span.count;
    n->delta = (uint32_t)(c->table.count + first - span.first);
    return true;
}

/* A record that tells of contexts. */
static bool take_context(struct context_analysis *c, const uint8_t *record)
{
    if (record_site(record_u32(record)) == SITE_CONTEXT_NEW)
        return add_node(c, (struct context_node){.parent = record_u32(record + 4),
                                                 .site = record_u32(record + 8),
                                                 .func = record_u32(record + 12)});
    uint32_t number = record_u32(record + 4);
    if (!c->nodes[number].met && !meet(c, number))
        return false;
    c->delta = c->nodes[number].delta;
    c->merged = c->merged || (number != CONTEXT_ROOT && !c->delta);
    return true;
}

/* The id of a site in the present context. */
static uint32_t here(const struct context_analysis *c, uint32_t site)
{
    return site >= SITE_FIRST ? site + c->delta : site;
}

/* The clone of an access's id for the object at this address; SITE_NONE when memory is short. */
static site_id in_object(struct context_analysis *c, uint32_t site, unsigned memory, uint64_t address)
{
    uint32_t index = site - SITE_FIRST;
    uint32_t object = object_map_find(c->objects, memory, address, c->places[index].func);
    if (object == UINT32_MAX)
        return SITE_NONE;
    return object_ids_get(&c->ids, &c->table, c->clones, here(c, site), index, object);
}

/* The clone of an access of the program, where objects are followed. */
static site_id access_in_object(struct context_analysis *c, const uint8_t *record, uint32_t site)
{
    const struct place *p = &c->places[site - SITE_FIRST];
    uint64_t operand = p->ranged || p->address_64 ? record_u64(record + 8) : record_u32(record + 4);
    return in_object(c, site, p->memory, operand + p->offset);
}

/* A record whose own id names no site, but whose second word may.  False when memory is short. */
static bool move_call_site(struct context_analysis *c, uint8_t *record)
{
    uint32_t site = record_u32(record + 4);
    bool range = record_size(record_u32(record)) == 24;
    uint32_t now = site >= SITE_FIRST && c->objects && range
                       ? in_object(c, site, c->table.host_memory, record_u64(record + 8))
                       : here(c, site);
    memcpy(record + 4, &now, sizeof now);
    return now != SITE_NONE || site == SITE_NONE;
}

static bool make_room(struct context_analysis *c, size_t size)
{
    if (c->buffer_size >= size)
        return true;
    size_t room = size < BUFFER_FIRST ? BUFFER_FIRST : size;
    uint8_t *buffer = realloc(c->buffer, room);
    if (!buffer)
        return error_no_memory(c->err);
    c->buffer = buffer;
    c->buffer_size = room;
    return true;
}

/* A record that is no access; *out is moved behind what becomes of it. */
static bool take_note(struct context_analysis *c, const uint8_t *record, size_t size, uint8_t **out)
{
    switch (record_site(record_u32(record))) {
    case SITE_CONTEXT:
    case SITE_CONTEXT_NEW:
        return take_context(c, record);
    case SITE_OBJECT:
        return object_map_put(c->objects, record, here(c, record_u32(record + 4))) || error_no_memory(c->err);
    default:
        memcpy(*out, record, size);
        *out += size;
        return move_call_site(c, *out - size) || error_no_memory(c->err);
    }
}

/* An access's record with another id. */
static inline uint8_t *put_access(uint8_t *out, const uint8_t *record, uint64_t word, site_id id, size_t size)
{
    const uint64_t rest = ~(uint64_t)UINT32_MAX | ((1 << RECORD_SITE_SHIFT) - 1);
    word = (word & rest) | (uint32_t)(id << RECORD_SITE_SHIFT);
    memcpy(out, &word, sizeof word);
    for (size_t i = RECORD_UNIT; i < size; i += RECORD_UNIT) /* rarely */
        memcpy(out + i, record + i, RECORD_UNIT);
    return out + size;
}

/* Writes the records with their new ids to the buffer; *end is where they end. */
static inline bool translate(struct context_analysis *c, const uint8_t *p, size_t size, uint8_t **end,
                             const bool objects)
{
    uint8_t *out = c->buffer;
    uint32_t delta = c->delta;
    const uint32_t more_units = (RECORD_MAX_UNITS - 1) << RECORD_UNITS_SHIFT;
    for (const uint8_t *stop = p + size; p < stop;) {
        uint64_t word = record_u64(p);
        uint32_t site = record_site((uint32_t)word);
        if (!objects && !((uint32_t)word & more_units) && site >= SITE_FIRST) {
            word += (uint64_t)delta << RECORD_SITE_SHIFT; /* ids stay below SITE_LIMIT */
            memcpy(out, &word, sizeof word);
            out += RECORD_UNIT;
            p += RECORD_UNIT;
            __asm__("" : "+r"(p)); /* keeps the next record's place from depending on this one's size: location.c */
            continue;
        }
        size_t n = record_size((uint32_t)word);
        if (site >= SITE_FIRST) {
            site_id id = objects ? access_in_object(c, p, site) : site + delta;
            if (objects && id == SITE_NONE)
                return error_no_memory(c->err);
            out = put_access(out, p, word, id, n);
        } else {
            if (!take_note(c, p, n, &out))
                return false;
            delta = c->delta;
        }
        p += n;
    }
    *end = out;
    return true;
}

bool context_analysis_put(struct context_analysis *c, const uint8_t *records, size_t size)
{
    uint8_t *end = NULL;
    if (!make_room(c, size))
        return false;
    if (c->objects ? !translate(c, records, size, &end, true) : !translate(c, records, size, &end, false))
        return false;
    return location_analysis_put(c->location, c->buffer, (size_t)(end - c->buffer));
}

/* An id without its object, which is returned. */
static uint32_t object_of(const struct context_analysis *c, site_id *id)
{
    if (!c->objects || *id < SITE_FIRST + c->table.count)
        return OBJECT_ID_OTHER;
    size_t index = *id - SITE_FIRST - c->table.count;
    if (!c->ids.object[index])
        return OBJECT_ID_OTHER;
    *id = c->ids.origin[index];
    return c->ids.object[index] - 1;
}

/* The context of an id that may be a clone's. */
static uint32_t context_of(const struct context_analysis *c, site_id id)
{
    if (id < SITE_FIRST)
        return CONTEXT_ROOT;
    if (id < SITE_FIRST + c->table.count)
        return CONTEXT_OTHER;
    size_t index = id - SITE_FIRST - c->table.count, low = 0, high = c->block_count;
    while (high - low > 1) {
        size_t middle = (low + high) / 2;
        if (c->blocks[middle].first <= index)
            low = middle;
        else
            high = middle;
    }
    return c->blocks[low].node;
}

static struct context_pair_count split(const struct context_analysis *c, struct pair_count of)
{
    struct context_pair_count out = {.object = object_of(c, &of.second)};
    object_of(c, &of.first);
    if (c->contexts) {
        out.first_context = context_of(c, of.first);
        out.second_context = context_of(c, of.second);
    }
    of.first = site_base(&c->table, of.first);
    of.second = site_base(&c->table, of.second);
    out.of = of;
    return out;
}

static bool put_contexts(const struct context_analysis *c, struct counters *out)
{
    if (!c->contexts)
        return true;
    out->contexts = calloc(c->node_count, sizeof *out->contexts);
    if (!out->contexts)
        return false;
    for (size_t i = 0; i < c->node_count; i++)
        out->contexts[i] = c->nodes[i].is;
    out->context_count = c->node_count;
    out->contexts_merged = c->merged;
    return true;
}

static bool put_objects(const struct context_analysis *c, struct counters *out)
{
    if (!c->objects)
        return true;
    const struct object_count *objects = object_map_objects(c->objects, &out->object_count);
    out->objects = calloc(out->object_count, sizeof *out->objects);
    if (!out->objects)
        return false;
    for (size_t i = 0; i < out->object_count; i++) {
        struct object_count *o = &out->objects[i];
        *o = objects[i];
        if (o->kind != OBJECT_HEAP)
            continue;
        o->context = c->contexts ? context_of(c, o->site) : 0;
        o->site = site_base(&c->table, o->site);
    }
    return true;
}

bool context_analysis_want_map(struct context_analysis *c, struct error *err)
{
    return location_analysis_want_map(c->location, err);
}

bool context_analysis_counters(struct context_analysis *c, struct counters *out, struct error *err)
{
    if (!location_analysis_counters(c->location, out, err))
        return false;
    const struct pair_table *t = location_analysis_context_pairs(c->location);
    struct pair_count *pairs = malloc((t->count + 1) * sizeof *pairs);
    out->context_pairs = calloc(t->count + 1, sizeof *out->context_pairs);
    if (!pairs || !out->context_pairs || !put_contexts(c, out) || !put_objects(c, out)) {
        free(pairs);
        counters_release(out);
        return error_no_memory(err);
    }
    pair_table_copy(t, pairs);
    for (size_t i = 0; i < t->count; i++)
        out->context_pairs[i] = split(c, pairs[i]);
    free(pairs);
    out->context_pair_count = t->count;
    return true;
}
