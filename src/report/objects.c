/* Objects, ranked by what is wasted on them. */
#include "report/build.h"

#include "base/clean.h"
#include "trace/object.h"

#include <stdlib.h>
#include <string.h>

/* One of the counters' objects, and what pairs are in it. */
struct ranked {
    uint32_t index;
    uint64_t waste, all; /* bytes; loads after a store are no waste */
    uint64_t accesses;
    struct report_total totals[DEFECT_KINDS];
};

static int compare_ranked(const void *left, const void *right)
{
    const struct ranked *a = left, *b = right;
    if (a->waste != b->waste)
        return a->waste > b->waste ? -1 : 1;
    if (a->all != b->all)
        return a->all > b->all ? -1 : 1;
    if (a->accesses != b->accesses)
        return a->accesses > b->accesses ? -1 : 1;
    return a->index < b->index ? -1 : a->index > b->index;
}

static void add_up(struct ranked *objects, const struct counters *counters)
{
    for (size_t i = 0; i < counters->context_pair_count; i++) {
        const struct context_pair_count *p = &counters->context_pairs[i];
        const unsigned kind = counters->pairs[p->pair].kind;
        struct ranked *o = &objects[p->object];
        o->totals[kind].instances += p->instances;
        o->totals[kind].bytes += p->bytes;
        o->all += p->bytes;
        o->waste += kind == DEFECT_SILENT_LOAD_AFTER_STORE ? 0 : p->bytes;
    }
}

/* Keeps a name; of none there is none to keep.  False when memory is short. */
static bool keep_name(struct build *b, const char *name, const char *field, const char **kept)
{
    if (!name)
        return true;
    buf_clear(&b->scratch);
    clean_put(&b->scratch, name, strlen(name), SIZE_MAX);
    if (field)
        clean_put(&b->scratch, field, strlen(field), SIZE_MAX);
    *kept = b->scratch.failed ? NULL : strings_add(b->out->strings, (const char *)b->scratch.data, b->scratch.size);
    return *kept != NULL;
}

/* A function, and where one is known the variable in its frame: `main: config.kind`. */
static bool name_stack(struct build *b, const struct object_count *from, struct report_object *to)
{
    const char *func = build_func_name(b, from->func);
    if (!func || !from->name)
        return (to->name = func) != NULL;
    buf_clear(&b->scratch);
    buf_printf(&b->scratch, "%s: ", func);
    clean_put(&b->scratch, from->name, strlen(from->name), SIZE_MAX);
    if (from->field)
        clean_put(&b->scratch, from->field, strlen(from->field), SIZE_MAX);
    to->name = b->scratch.failed ? NULL : strings_add(b->out->strings, (const char *)b->scratch.data, b->scratch.size);
    to->whole = func;
    return to->name != NULL;
}

static bool name_object(struct build *b, const struct object_count *from, struct report_object *to)
{
    if (from->kind == OBJECT_STACK)
        return name_stack(b, from, to);
    if (!from->field)
        return keep_name(b, from->name, NULL, &to->name);
    return keep_name(b, from->name, from->field, &to->name) && keep_name(b, from->name, NULL, &to->whole);
}

/* The instruction that allocated.  Functions that hand blocks on are passed over where they are inlined, as they are where they are called: what they
 * are inlined into says which blocks these are. */
static bool build_call(struct build *b, site_id site, struct report_side *call)
{
    if (!build_side(b, site, call))
        return false;
    while (b->names->hands_on && call->frame_count > 1 && call->frames[0].function &&
           b->names->hands_on(b->names->self, call->frames[0].function)) {
        call->frames++;
        call->frame_count--;
        call->no_line = call->frames[0].line ? NULL : call->no_line;
    }
    return true;
}

bool build_objects(struct build *b, const struct counters *counters, uint32_t *ranks)
{
    struct report *r = b->out;
    struct ranked *ranked = calloc(counters->object_count, sizeof *ranked);
    r->objects = calloc(counters->object_count, sizeof *r->objects);
    bool ok = ranked && r->objects;
    for (size_t i = 0; ok && i < counters->object_count; i++) {
        ranked[i].index = (uint32_t)i;
        ranked[i].accesses = counters->objects[i].use.loads + counters->objects[i].use.stores;
    }
    if (ok) {
        add_up(ranked, counters);
        qsort(ranked, counters->object_count, sizeof *ranked, compare_ranked);
    }
    for (size_t i = 0; ok && i < counters->object_count; i++) {
        const struct object_count *from = &counters->objects[ranked[i].index];
        if (!ranked[i].all && !ranked[i].accesses && !from->blocks)
            continue;
        struct report_object *to = &r->objects[r->object_count++];
        *to = (struct report_object){.id = (uint32_t)r->object_count,
                                     .kind = from->kind,
                                     .func = from->kind == OBJECT_STACK ? from->func : UINT32_MAX,
                                     .context = from->context,
                                     .size = from->bytes,
                                     .field_size = from->field_bytes,
                                     .blocks = from->blocks,
                                     .use = from->use};
        memcpy(to->totals, ranked[i].totals, sizeof to->totals);
        ranks[ranked[i].index] = to->id;
        ok = name_object(b, from, to) && build_call(b, from->kind == OBJECT_HEAP ? from->site : SITE_NONE, &to->call);
    }
    free(ranked);
    return ok;
}

uint64_t report_object_waste(const struct report_object *o)
{
    uint64_t bytes = 0;
    for (unsigned kind = 0; kind < DEFECT_KINDS; kind++)
        bytes += kind == DEFECT_SILENT_LOAD_AFTER_STORE ? 0 : o->totals[kind].bytes;
    return bytes;
}

size_t report_paired_objects(const struct report *r)
{
    size_t count = 0;
    while (count < r->object_count &&
           (report_object_waste(&r->objects[count]) || r->objects[count].totals[DEFECT_SILENT_LOAD_AFTER_STORE].bytes))
        count++;
    return count;
}

void finish_objects(struct report *r)
{
    for (size_t i = 0; i < r->object_count; i++)
        for (int kind = 0; kind < DEFECT_KINDS; kind++)
            if (r->totals[kind].bytes)
                r->objects[i].totals[kind].share =
                    (double)r->objects[i].totals[kind].bytes / (double)r->totals[kind].bytes;
}
