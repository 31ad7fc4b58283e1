/* The sites of a function have ids in a row.  The first time that anything happens in a context, it gets a row of as many places
 * for them; a site that runs in it gets an id of its own there (a clone, trace/site.h).  So a record's id and a number that the context
 * has make the place where the clone's is.  The analysis by location need not know about contexts.  Clones come in the order in which
 * they first run, and so lie together as they are used; a context's function has mostly more sites than run in it.  Where objects are
 * followed, every access gets a further clone, of what it does to its object. */
#include "analyze/contexts.h"

#include "analyze/location.h"
#include "analyze/memory_map.h"
#include "analyze/object_ids.h"
#include "analyze/objects.h"
#include "analyze/region.h"
#include "base/vec.h"
#include "trace/context.h"

#include <stdlib.h>

/* More sites in contexts are not told apart: each costs 4 bytes, and 48 or 68 more if it runs. */
enum { CLONES_MAX = 1 << 24 };

/* Records are given their new ids by so many bytes, so that what the analysis keeps of these is still in a cache when it comes to
 * them. */
enum { PIECE = 1 << 15, RECORD_MAX = RECORD_MAX_UNITS * RECORD_UNIT };

/* A context's number that makes a place in `ids`, where it is not one. */
enum { NOT_MET = 0, NO_PLACES = UINT32_MAX };

/* Where a function's sites are in the table. */
struct span {
    uint32_t first, count;
};

/* What it takes to know an access's address, by site. */
struct place {
    uint64_t offset;
    uint32_t func;
    uint16_t memory;
    uint16_t memory_from; /* of a copy */
    uint8_t address_64, kind, width;
    bool ranged; /* a fill, copy or init */
};

struct context_analysis {
    struct site_table table; /* with clones; its sites are borrowed */
    struct error *err;
    struct location_analysis *location;
    struct location_row row;
    uint32_t *clones;           /* the table's */
    uint32_t *owners;           /* of clones that are not objects': their contexts */
    site_id *ids;               /* by id of a site, itself; then the places of contexts: 0: it has not run */
    size_t placed;              /* of contexts */
    struct context_node *nodes; /* by number */
    size_t node_count, node_capacity;
    uint32_t *deltas; /* by number: from an id of a site of its function to its place, modulo 2^32; or as above */
    size_t delta_capacity;
    struct span *spans; /* by function */
    size_t span_count;
    uint32_t node, delta; /* of the context that records are in; 0: the ids of sites themselves */
    bool merged;          /* something was put down to CONTEXT_OTHER */
    bool contexts;
    struct object_map *objects; /* NULL: not followed, and the next two are not used */
    struct object_ids object_ids;
    struct place *places;
    uint8_t buffer[PIECE + RECORD_MAX]; /* of records with ids of clones */
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
    if (!vec_room((void **)&c->nodes, &c->node_capacity, c->node_count, sizeof *c->nodes) ||
        !vec_room((void **)&c->deltas, &c->delta_capacity, c->node_count, sizeof *c->deltas))
        return error_no_memory(c->err);
    c->deltas[c->node_count] = NOT_MET;
    c->nodes[c->node_count++] = is;
    return true;
}

static size_t id_limit(const struct context_analysis *c)
{
    return SITE_FIRST + c->table.count + CLONES_MAX;
}

static bool open_ids(struct context_analysis *c)
{
    c->clones = region_reserve((size_t)CLONES_MAX * sizeof *c->clones);
    c->owners = region_reserve((size_t)CLONES_MAX * sizeof *c->owners);
    c->ids = region_reserve(id_limit(c) * sizeof *c->ids);
    if (!c->clones || !c->owners || !c->ids)
        return false;
    for (size_t id = 0; id < SITE_FIRST + c->table.count; id++)
        c->ids[id] = (site_id)id;
    c->table.clones = c->clones;
    c->table.clone_limit = CLONES_MAX;
    return true;
}

static bool open_objects(struct context_analysis *c, const struct object_layout *layout)
{
    if (!layout)
        return true;
    c->places = calloc(c->table.count + 1, sizeof *c->places);
    c->objects = object_map_new(layout, id_limit(c), c->err);
    if (!c->places || !c->objects || !object_ids_open(&c->object_ids, id_limit(c), CLONES_MAX))
        return false;
    for (size_t i = 0; i < c->table.count; i++) {
        const struct site *s = &c->table.sites[i];
        c->places[i] = (struct place){s->static_offset, s->func, s->memory, s->memory_from,
                                      s->address_64,    s->kind, s->width,  s->kind >= ACCESS_FILL};
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
    const struct context_node outside = {.func = CONTEXT_NO_FUNC};
    bool ok = open_ids(c) && find_spans(c) && add_node(c, outside) && add_node(c, outside) && /* up to CONTEXT_FIRST */
              open_objects(c, layout);
    if (!ok)
        error_no_memory(err);
    else
        c->location = location_analysis_new(&c->table, err);
    if (c->location) {
        c->row = location_analysis_row(c->location);
        return c;
    }
    context_analysis_free(c);
    return NULL;
}

void context_analysis_free(struct context_analysis *c)
{
    if (!c)
        return;
    location_analysis_free(c->location);
    region_release(c->clones, (size_t)CLONES_MAX * sizeof *c->clones);
    region_release(c->owners, (size_t)CLONES_MAX * sizeof *c->owners);
    region_release(c->ids, id_limit(c) * sizeof *c->ids);
    free(c->nodes);
    free(c->deltas);
    free(c->spans);
    free(c->places);
    object_map_free(c->objects);
    object_ids_close(&c->object_ids);
    free(c);
}

/* Gives a context places, if there are any left; its number for `deltas`. */
static uint32_t meet(struct context_analysis *c, uint32_t number)
{
    uint32_t func = c->nodes[number].func;
    struct span span = func < c->span_count ? c->spans[func] : (struct span){0};
    if (!span.count || c->placed + span.count > CLONES_MAX)
        return NO_PLACES;
    size_t at = SITE_FIRST + c->table.count + c->placed;
    c->placed += span.count;
    return (uint32_t)(at - (SITE_FIRST + span.first));
}

/* What follows happens in another context. */
static inline void enter_context(struct context_analysis *c, uint32_t number)
{
    uint32_t delta = c->deltas[number];
    if (delta == NOT_MET)
        delta = c->deltas[number] = meet(c, number);
    c->node = number;
    c->delta = delta == NO_PLACES ? 0 : delta;
    c->merged |= number != CONTEXT_ROOT && !c->delta;
}

/* A site has not run in this context before. */
static __attribute__((noinline)) site_id give_id(struct context_analysis *c, uint32_t site)
{
    size_t n = c->table.clone_count;
    site_id id = (site_id)(SITE_FIRST + c->table.count + n);
    if (n >= CLONES_MAX) {
        c->merged = true;
        id = site;
    } else {
        c->clones[n] = site - SITE_FIRST;
        c->owners[n] = c->node;
        c->table.clone_count++;
        if (!c->objects)
            location_analysis_add_clone(c->location, id);
    }
    return c->ids[(uint32_t)(site + c->delta)] = id;
}

/* The id of a site in the present context. */
static inline site_id here(struct context_analysis *c, uint32_t site)
{
    site_id id = c->ids[(uint32_t)(site + (site >= SITE_FIRST ? c->delta : 0))];
    return id || !site ? id : give_id(c, site);
}

/* The clone of an access's id for the object, which object_map_find says; SITE_NONE when memory is short. */
static inline site_id in_object(struct context_analysis *c, uint32_t site, uint32_t object)
{
    uint32_t index = site - SITE_FIRST;
    if (object == UINT32_MAX)
        return SITE_NONE;
    site_id id = here(c, site);
    size_t clones = c->table.clone_count;
    id = object_ids_get(&c->object_ids, &c->table, c->clones, id, index, object);
    if (c->table.clone_count != clones && id != SITE_NONE)
        location_analysis_add_clone(c->location, id);
    return id;
}

/* The clone of an access of the program, where objects are followed. */
static site_id access_in_object(struct context_analysis *c, const uint8_t *record, uint32_t site)
{
    const struct place *p = &c->places[site - SITE_FIRST];
    uint64_t operand = p->ranged || p->address_64 ? record_u64(record + 8) : record_u32(record + 4);
    uint64_t loaded = p->kind == ACCESS_STORE ? 0 : p->width;
    bool wrote = p->kind != ACCESS_CMPXCHG || (record_u32(record) & RECORD_FLAG);
    uint64_t stored = p->kind == ACCESS_LOAD || p->kind == ACCESS_WAIT || !wrote ? 0 : p->width;
    if (p->kind == ACCESS_COPY) {
        stored = record_u64(record + 24);
        if (object_map_use(c->objects, p->memory_from, record_u64(record + 16), p->func, stored, 0) == UINT32_MAX)
            return SITE_NONE;
    } else if (p->ranged) {
        loaded = 0;
        stored = record_u64(record + 16);
    }
    object_map_tick(c->objects);
    return in_object(c, site, object_map_use(c->objects, p->memory, operand + p->offset, p->func, loaded, stored));
}

/* The clone of the call by which the host touched a range; SITE_NONE when memory is short, or where no instruction called. */
static site_id host_in_object(struct context_analysis *c, const uint8_t *record, uint32_t call)
{
    bool reads = record_site(record_u32(record)) == SITE_HOST_READ;
    uint64_t size = record_u64(record + 16);
    uint32_t func = call >= SITE_FIRST ? c->places[call - SITE_FIRST].func : CONTEXT_NO_FUNC;
    uint32_t object = object_map_use(c->objects, c->table.host_memory, record_u64(record + 8), func, reads ? size : 0,
                                     reads ? 0 : size);
    object_map_tick(c->objects);
    return call >= SITE_FIRST ? in_object(c, call, object) : here(c, call);
}

/* A range that the host touched, whose second word is the call.  A barrier has one, too, which nobody asks for: it need not be in the
 * context that records are in.  False when memory is short. */
static bool move_call_site(struct context_analysis *c, uint8_t *record)
{
    uint32_t site = record_u32(record + 4);
    if (record_size(record_u32(record)) != 3 * RECORD_UNIT)
        return true;
    uint32_t now = c->objects ? host_in_object(c, record, site) : here(c, site);
    memcpy(record + 4, &now, sizeof now);
    return now != SITE_NONE || site == SITE_NONE;
}

/* A record that is no access; *out is moved behind what becomes of it. */
static bool take_note(struct context_analysis *c, const uint8_t *record, size_t size, uint8_t **out)
{
    site_id site;
    switch (record_site(record_u32(record))) {
    case SITE_CONTEXT_NEW:
        return add_node(c, (struct context_node){.parent = record_u32(record + 4),
                                                 .site = record_u32(record + 8),
                                                 .func = record_u32(record + 12)});
    case SITE_OBJECT:
        site = size > 2 * RECORD_UNIT ? here(c, record_u32(record + 4)) : SITE_NONE; /* an allocation's */
        return object_map_put(c->objects, record, site) || error_no_memory(c->err);
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

/* Writes the records that begin in [*at, stop) with their new ids to the buffer; *end is where they end. */
static inline bool translate(struct context_analysis *c, const uint8_t **at, const uint8_t *stop, uint8_t **end,
                             const bool objects)
{
    const uint8_t *p = *at;
    uint8_t *out = c->buffer;
    const struct location_row row = c->row;
    const uint32_t more_units = (RECORD_MAX_UNITS - 1) << RECORD_UNITS_SHIFT;
    while (p < stop) {
        uint64_t word = record_u64(p);
        uint32_t site = record_site((uint32_t)word);
        if (!objects && !((uint32_t)word & more_units) && site >= SITE_FIRST) {
            site_id id = here(c, site);
            __builtin_prefetch(row.first + id * row.size, 1);
            out = put_access(out, p, word, id, RECORD_UNIT);
            p += RECORD_UNIT;
            __asm__("" : "+r"(p)); /* keeps the next record's place from depending on this one's size: location.c */
            continue;
        }
        size_t n = record_size((uint32_t)word);
        if (site == SITE_CONTEXT) {
            enter_context(c, (uint32_t)(word >> 32));
        } else if (site >= SITE_FIRST) {
            site_id id = objects ? access_in_object(c, p, site) : here(c, site);
            if (id == SITE_NONE)
                return error_no_memory(c->err);
            out = put_access(out, p, word, id, n);
        } else if (!take_note(c, p, n, &out)) {
            return false;
        }
        p += n;
    }
    *at = p;
    *end = out;
    return true;
}

bool context_analysis_put(struct context_analysis *c, const uint8_t *records, size_t size)
{
    const uint8_t *p = records, *end = records + size;
    while (p < end) {
        const uint8_t *stop = end - p < PIECE ? end : p + PIECE;
        uint8_t *out = NULL;
        if (c->objects ? !translate(c, &p, stop, &out, true) : !translate(c, &p, stop, &out, false))
            return false;
        if (!location_analysis_put(c->location, c->buffer, (size_t)(out - c->buffer)))
            return false;
    }
    return true;
}

/* An id without its object, which is returned. */
static uint32_t object_of(const struct context_analysis *c, site_id *id)
{
    if (!c->objects || *id < SITE_FIRST + c->table.count)
        return OBJECT_ID_OTHER;
    size_t index = *id - SITE_FIRST - c->table.count;
    if (!c->object_ids.object[index])
        return OBJECT_ID_OTHER;
    *id = c->object_ids.origin[index];
    return c->object_ids.object[index] - 1;
}

/* The context of an id that may be a clone's. */
static uint32_t context_of(const struct context_analysis *c, site_id id)
{
    if (id < SITE_FIRST)
        return CONTEXT_ROOT;
    if (id < SITE_FIRST + c->table.count)
        return CONTEXT_OTHER;
    return c->owners[id - SITE_FIRST - c->table.count];
}

/* From the ids of both sides to contexts and object. */
static void split(const struct context_analysis *c, struct context_pair_count *p)
{
    site_id first = p->first_context, second = p->second_context;
    p->object = object_of(c, &second);
    object_of(c, &first);
    p->first_context = c->contexts ? context_of(c, first) : 0;
    p->second_context = c->contexts ? context_of(c, second) : 0;
}

static bool put_contexts(const struct context_analysis *c, struct counters *out)
{
    if (!c->contexts)
        return true;
    out->contexts = calloc(c->node_count, sizeof *out->contexts);
    if (!out->contexts)
        return false;
    for (size_t i = 0; i < c->node_count; i++)
        out->contexts[i] = c->nodes[i];
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
    object_map_end(c->objects, out->objects);
    return true;
}

/* The same for a row of the map: sites instead of ids, and objects; parts that differ in no more than contexts are one. */
static void split_shares(const struct context_analysis *c, struct map_share *row)
{
    struct map_share from[MAP_SHARES];
    memcpy(from, row, sizeof from);
    memset(row, 0, sizeof from);
    for (unsigned i = 0; i < MAP_SHARES && from[i].bytes; i++) {
        struct map_share part = from[i];
        part.first = site_base(&c->table, part.first);
        part.second = site_base(&c->table, part.second);
        site_id second = from[i].second;
        part.object = object_of(c, &second);
        map_share_add(row, &part);
    }
}

bool context_analysis_want_distances(struct context_analysis *c, struct error *err)
{
    return location_analysis_want_distances(c->location, err);
}

bool context_analysis_want_map(struct context_analysis *c, struct error *err)
{
    return location_analysis_want_map(c->location, err);
}

bool context_analysis_counters(struct context_analysis *c, struct counters *out, struct error *err)
{
    if (!location_analysis_counters(c->location, out, err))
        return false;
    if (!put_contexts(c, out) || !put_objects(c, out)) {
        counters_release(out);
        return error_no_memory(err);
    }
    for (size_t i = 0; i < out->context_pair_count; i++)
        split(c, &out->context_pairs[i]);
    for (uint32_t row = 0; row < out->map.rows; row++)
        split_shares(c, out->map.shares[row]);
    return true;
}
