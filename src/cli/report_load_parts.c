/* The lists of a report: runs, lines, classes, contexts, objects, pairs. */
#include "cli/report_load_parts.h"

#include "render/names.h"
#include "report/distance.h"
#include "trace/object.h"

#include <stdlib.h>
#include <string.h>

/* OBJECT_KINDS or PAIR_CLASSES where the word is none. */
static unsigned find_word(const json_t *object, const char *key, const char *(*name)(unsigned), unsigned count)
{
    const char *word = json_string_value(json_object_get(object, key));
    unsigned i = 0;
    while (i < count && (!word || strcmp(name(i), word) != 0))
        i++;
    return i;
}

static const char *class_name(unsigned what)
{
    return report_class_name((enum pair_class)what);
}

static bool load_opaque(struct report_loader *l, const json_t *list, struct report *r)
{
    size_t count = json_array_size(list);
    r->opaque = calloc(count + 1, sizeof *r->opaque);
    if (!r->opaque)
        return error_no_memory(l->err);
    for (size_t i = 0; i < count; i++) {
        const json_t *from = json_array_get(list, i);
        const char *import = load_text(l, from, "import");
        if (import)
            r->opaque[r->opaque_count++] = (struct report_opaque){import, load_number(from, "calls")};
    }
    return true;
}

static bool load_lines(struct report_loader *l, const json_t *json, struct report_lines *lines)
{
    const json_t *missing = json_object_get(json, "missing");
    size_t count = json_array_size(missing);
    *lines = (struct report_lines){.asked = json_is_object(json),
                                   .source = load_text(l, json, "source"),
                                   .warning = load_text(l, json, "warning"),
                                   .bytes = load_number(json, "bytes"),
                                   .found = load_number(json, "found"),
                                   .missing = calloc(count + 1, sizeof *lines->missing)};
    if (!lines->missing)
        return error_no_memory(l->err);
    for (size_t i = 0; i < count; i++) {
        const json_t *from = json_array_get(missing, i);
        const char *why = load_text(l, from, "why");
        if (why)
            lines->missing[lines->missing_count++] = (struct report_missing){why, load_number(from, "bytes")};
    }
    return true;
}

static bool load_runs(struct report_loader *l, const json_t *list, struct report *r)
{
    size_t count = json_array_size(list);
    r->runs = calloc(count + 1, sizeof *r->runs);
    if (!r->runs)
        return error_no_memory(l->err);
    for (size_t i = 0; i < count; i++) {
        const json_t *from = json_array_get(list, i), *code = json_object_get(from, "exit_code");
        const char *report = load_text(l, from, "report");
        r->runs[r->run_count++] = (struct report_run){.report = report ? report : "",
                                                      .has_exit_code = json_is_integer(code),
                                                      .exit_code = (uint32_t)json_integer_value(code),
                                                      .trap = load_text(l, from, "trap"),
                                                      .accesses = load_number(from, "accesses")};
    }
    return true;
}

static bool load_trap(struct report_loader *l, const json_t *json, struct report_trap *trap)
{
    const json_t *calls = json_object_get(json, "calls");
    size_t count = json_array_size(calls);
    trap->has_address = json_is_integer(json_object_get(json, "address"));
    trap->address = load_number(json, "address");
    trap->memory_size = load_number(json, "memory_size");
    trap->stack = calloc(count + 1, sizeof *trap->stack);
    if (!trap->stack)
        return error_no_memory(l->err);
    for (; trap->depth < count; trap->depth++)
        if (!load_side(l, json_array_get(calls, trap->depth), &trap->stack[trap->depth]))
            return false;
    return true;
}

static bool load_unread(struct report_loader *l, const json_t *list, struct report *r)
{
    size_t count = json_array_size(list);
    r->unread = calloc(count + 1, sizeof *r->unread);
    if (!r->unread)
        return error_no_memory(l->err);
    for (; r->unread_count < count; r->unread_count++) {
        const json_t *from = json_array_get(list, r->unread_count);
        r->unread[r->unread_count].bytes = load_number(from, "bytes");
        if (!load_side(l, json_object_get(from, "store"), &r->unread[r->unread_count].store))
            return false;
    }
    return true;
}

static void load_classes(const json_t *json, struct report *r)
{
    const json_t *list = json_object_get(json, "classes");
    r->unoptimised = json_is_true(json_object_get(json, "unoptimised"));
    r->classed = json_is_array(list);
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *from = json_array_get(list, i);
        unsigned what = find_word(from, "class", class_name, PAIR_CLASSES);
        unsigned kind = load_kind(from);
        if (what < PAIR_CLASSES && kind < DEFECT_KINDS)
            r->classes[what][kind] = (struct report_class){load_number(from, "pairs"), load_number(from, "instances"),
                                                           load_number(from, "bytes")};
    }
}

static bool load_suppressed(struct report_loader *l, const json_t *list, struct report *r)
{
    size_t count = json_array_size(list), used = 0;
    struct report_suppressed *all = r->suppressed = calloc(count + 1, sizeof *all);
    if (!all)
        return error_no_memory(l->err);
    for (size_t i = 0; i < count; i++) {
        const json_t *from = json_array_get(list, i);
        const char *by = json_string_value(json_object_get(from, "by")), *name = load_text(l, from, "name");
        unsigned kind = load_kind(from);
        bool baseline = by && strcmp(by, "baseline") == 0;
        if (!name || kind == DEFECT_KINDS)
            continue;
        size_t k = 0;
        while (k < used && (all[k].baseline != baseline || strcmp(all[k].name, name) != 0))
            k++;
        if (k == used)
            all[used++] = (struct report_suppressed){.name = name, .baseline = baseline};
        all[k].sums[kind] = (struct report_class){load_number(from, "pairs"), load_number(from, "instances"),
                                                  load_number(from, "bytes")};
    }
    r->suppressed_count = used;
    return true;
}

static bool load_contexts(struct report_loader *l, const json_t *list, struct report *r)
{
    size_t count = r->by_context ? json_array_size(list) : 0;
    r->contexts = calloc(count + 1, sizeof *r->contexts);
    if (!r->contexts)
        return error_no_memory(l->err);
    for (size_t i = 0; i < count; i++) {
        const json_t *from = json_array_get(list, i);
        struct report_context *c = &r->contexts[i];
        *c = (struct report_context){
            load_u32(from, "id"), load_u32(from, "parent"), load_text(l, from, "function"), {0}};
        if (!c->id || (i && c->id <= r->contexts[i - 1].id) || (c->parent && !report_context_find(r, c->parent)))
            return error_set(l->err, ERROR_IO, "'%s': context %zu is out of order", l->path, i);
        r->context_count++;
        if (!load_side(l, json_object_get(from, "call"), &c->call))
            return false;
    }
    return true;
}

static struct object_use load_use(const json_t *json)
{
    return (struct object_use){.loads = load_number(json, "loads"),
                               .stores = load_number(json, "stores"),
                               .bytes_loaded = load_number(json, "bytes_loaded"),
                               .bytes_stored = load_number(json, "bytes_stored"),
                               .freed = load_number(json, "freed"),
                               .live_blocks = load_number(json, "live_blocks"),
                               .live_bytes = load_number(json, "live_bytes"),
                               .peak_blocks = load_number(json, "peak_blocks"),
                               .peak_bytes = load_number(json, "peak_bytes"),
                               .smallest = load_number(json, "smallest"),
                               .largest = load_number(json, "largest"),
                               .lifetime = load_number(json, "lifetime"),
                               .never_read = load_number(json, "never_read"),
                               .never_read_blocks = load_number(json, "never_read_blocks")};
}

static bool load_objects(struct report_loader *l, const json_t *list, const json_t *more, struct report *r)
{
    const size_t paired = json_array_size(list), count = paired + json_array_size(more);
    r->by_object = json_is_array(list);
    r->objects = calloc(count + 1, sizeof *r->objects);
    if (!r->objects)
        return error_no_memory(l->err);
    for (size_t i = 0; i < count; i++) {
        const json_t *from = i < paired ? json_array_get(list, i) : json_array_get(more, i - paired);
        const json_t *totals = json_object_get(from, "totals");
        struct report_object *o = &r->objects[r->object_count++];
        *o = (struct report_object){.id = load_u32(from, "id"),
                                    .kind = (uint8_t)find_word(from, "kind", object_kind_name, OBJECT_KINDS),
                                    .name = load_text(l, from, "name"),
                                    .func = json_is_integer(json_object_get(from, "func")) ? load_u32(from, "func")
                                                                                           : UINT32_MAX,
                                    .whole = load_text(l, from, "whole"),
                                    .field_size = load_number(from, "field_size"),
                                    .context = load_u32(from, "context"),
                                    .size = load_number(from, "size"),
                                    .blocks = load_number(from, "blocks"),
                                    .use = load_use(json_object_get(from, "use"))};
        if (o->id != i + 1 || o->kind == OBJECT_KINDS || (o->context && !report_context_find(r, o->context)))
            return error_set(l->err, ERROR_IO, "'%s': object %zu is none, or out of order", l->path, i);
        for (unsigned kind = 0; kind < DEFECT_KINDS; kind++) {
            const json_t *total = json_object_get(totals, kind_name(kind));
            o->totals[kind] = (struct report_total){load_number(total, "instances"), load_number(total, "bytes"), 0};
        }
        if (!load_side(l, json_object_get(from, "call"), &o->call))
            return false;
    }
    return true;
}

bool load_parts(struct report_loader *l, const json_t *json, struct report *r)
{
    load_classes(json, r);
    return load_opaque(l, json_object_get(json_object_get(json, "run"), "opaque_calls"), r) &&
           load_trap(l, json_object_get(json_object_get(json, "run"), "trap_at"), &r->trap_at) &&
           load_lines(l, json_object_get(json, "lines"), &r->lines) &&
           load_unread(l, json_object_get(json, "unread"), r) &&
           load_runs(l, json_object_get(json_object_get(json, "merged"), "runs"), r) &&
           load_suppressed(l, json_object_get(json, "suppressed"), r) &&
           load_contexts(l, json_object_get(json, "contexts"), r) &&
           load_objects(l, json_object_get(json, "objects"), json_object_get(json, "objects_without_pairs"), r);
}

static uint8_t load_marks(const json_t *list)
{
    unsigned marks = 0;
    for (size_t i = 0; i < json_array_size(list); i++) {
        const char *word = json_string_value(json_array_get(list, i));
        for (unsigned mark = MARK_ATOMIC; word && mark <= MARK_COPY; mark <<= 1)
            marks |= strcmp(word, report_mark_name((enum pair_mark)mark)) == 0 ? mark : 0;
    }
    return (uint8_t)marks;
}

/* Appends the pair's parts to the report's, which have room. */
static bool load_pair_parts(struct report_loader *l, const json_t *json, struct report *r, struct report_pair *p,
                            size_t at[2])
{
    const json_t *contexts = json_object_get(json, "contexts"), *objects = json_object_get(json, "objects");
    p->contexts = r->pair_contexts + at[0];
    p->context_count = r->by_context ? json_array_size(contexts) : 0;
    for (size_t i = 0; i < p->context_count; i++) {
        const json_t *from = json_array_get(contexts, i);
        struct report_pair_context *c = &r->pair_contexts[at[0]++];
        *c = (struct report_pair_context){load_u32(from, "first"), load_u32(from, "second"),
                                          load_number(from, "instances"), load_number(from, "bytes")};
        if ((c->first && !report_context_find(r, c->first)) || (c->second && !report_context_find(r, c->second)))
            return error_set(l->err, ERROR_IO, "'%s': a pair is in a context that is not there", l->path);
    }
    p->objects = r->pair_objects + at[1];
    p->object_count = r->by_object ? json_array_size(objects) : 0;
    for (size_t i = 0; i < p->object_count; i++) {
        const json_t *from = json_array_get(objects, i);
        struct report_pair_object *o = &r->pair_objects[at[1]++];
        *o = (struct report_pair_object){load_u32(from, "object"), load_number(from, "instances"),
                                         load_number(from, "bytes")};
        if (!o->object || o->object > r->object_count)
            return error_set(l->err, ERROR_IO, "'%s': a pair is in an object that is not there", l->path);
    }
    return true;
}

/* Of older reports 0: then bytes decide. */
static double load_effect(const json_t *json)
{
    double effect = json_number_value(json_object_get(json, "effect"));
    return effect > 0 && effect < 1e18 ? effect : 0;
}

static void load_distance(const json_t *json, struct report_distance *d)
{
    const json_t *buckets = json_object_get(json, "buckets");
    d->known = json_is_object(json);
    d->exact = json_is_true(json_object_get(json, "exact"));
    for (unsigned i = 0; i < DISTANCE_BUCKETS; i++)
        d->sums.buckets[i] = load_count(json_array_get(buckets, i));
    for (unsigned i = 0; i < DISTANCE_SPANS; i++)
        d->sums.spans[i] = load_number(json, report_span_name(i));
    d->sums.places = load_number(json, "places");
    d->sums.samples = load_number(json, "samples");
}

static bool load_pair(struct report_loader *l, const json_t *json, struct report_pair *p)
{
    unsigned what = find_word(json, "class", class_name, PAIR_CLASSES);
    *p = (struct report_pair){.kind = (uint8_t)load_kind(json),
                              .instances = load_number(json, "instances"),
                              .bytes = load_number(json, "bytes"),
                              .what = what < PAIR_CLASSES ? (uint8_t)what : CLASS_NONE,
                              .marks = load_marks(json_object_get(json, "marks")),
                              .advice = load_text(l, json, "advice"),
                              .constant = load_text(l, json, "constant"),
                              .effect = load_effect(json)};
    load_distance(json_object_get(json, "distance"), &p->distance);
    return p->kind < DEFECT_KINDS && load_side(l, json_object_get(json, "first"), &p->first) &&
           load_side(l, json_object_get(json, "second"), &p->second);
}

/* Everything else relies on pairs being kind by kind; another tool may have put them in another order. */
static bool order_kinds(struct report *r)
{
    struct report_pair *ordered = calloc(r->pair_count + 1, sizeof *ordered);
    if (!ordered)
        return false;
    size_t n = 0;
    for (unsigned kind = 0; kind < DEFECT_KINDS; kind++)
        for (size_t i = 0; i < r->pair_count; i++)
            if (r->pairs[i].kind == kind)
                ordered[n++] = r->pairs[i];
    free(r->pairs);
    r->pairs = ordered;
    return true;
}

bool load_pairs(struct report_loader *l, const json_t *json, struct report *r)
{
    const json_t *pairs = json_object_get(json, "pairs");
    size_t count = json_array_size(pairs), contexts = 0, objects = 0, at[2] = {0, 0};
    for (size_t i = 0; i < count; i++) {
        contexts += json_array_size(json_object_get(json_array_get(pairs, i), "contexts"));
        objects += json_array_size(json_object_get(json_array_get(pairs, i), "objects"));
    }
    r->pairs = calloc(count + 1, sizeof *r->pairs);
    r->pair_contexts = calloc(contexts + 1, sizeof *r->pair_contexts);
    r->pair_objects = calloc(objects + 1, sizeof *r->pair_objects);
    if (!r->pairs || !r->pair_contexts || !r->pair_objects)
        return error_no_memory(l->err);
    for (size_t i = 0; i < count; i++) {
        const json_t *from = json_array_get(pairs, i);
        struct report_pair *p = &r->pairs[r->pair_count++];
        if (!load_pair(l, from, p) && l->err->code == ERROR_NONE)
            error_set(l->err, ERROR_IO, "'%s': pair %zu has no known kind", l->path, i);
        if (l->err->code != ERROR_NONE)
            return false;
        if (!load_pair_parts(l, from, r, p, at))
            return false;
    }
    return order_kinds(r) || error_no_memory(l->err);
}
