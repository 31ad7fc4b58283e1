#include "report/report.h"

#include "base/clean.h"
#include "report/build.h"
#include "report/distance.h"
#include "report/effect.h"
#include "report/functions.h"
#include "report/own.h"
#include "report/sources.h"

#include <stdlib.h>
#include <string.h>

/* Strings are filed by function index, or by opcode above all function indices. */
static uint64_t opcode_key(uint16_t opcode)
{
    return (uint64_t)1 << 32 | opcode;
}

/* Keeps what the scratch buffer holds; NULL when memory was short here or before. */
static const char *keep_scratch(struct build *b)
{
    if (b->scratch.failed)
        return NULL;
    return strings_add(b->out->strings, (const char *)b->scratch.data, b->scratch.size);
}

const char *build_text(struct build *b, const char *text, size_t limit)
{
    buf_clear(&b->scratch);
    clean_put(&b->scratch, text, strlen(text), limit);
    return keep_scratch(b);
}

const char *build_func_name(struct build *b, uint32_t func)
{
    const char *text = strings_find(b->out->strings, func);
    if (text)
        return text;
    size_t size = 0;
    const char *bytes = b->names->func(b->names->self, func, &size);
    buf_clear(&b->scratch);
    if (bytes && size)
        clean_put(&b->scratch, bytes, size, SIZE_MAX); /* whole: names are compared */
    else
        buf_printf(&b->scratch, "func[%u]", func);
    text = keep_scratch(b);
    return text && strings_file(b->out->strings, func, text) ? text : NULL;
}

static const char *opcode_name(struct build *b, uint16_t opcode)
{
    uint64_t key = opcode_key(opcode);
    const char *text = strings_find(b->out->strings, key);
    if (text)
        return text;
    text = build_text(b, b->names->opcode(b->names->self, opcode), CLEAN_NAME_LIMIT);
    return text && strings_file(b->out->strings, key, text) ? text : NULL;
}

bool build_side(struct build *b, site_id id, struct report_side *side)
{
    *side = (struct report_side){.origin = ORIGIN_SITE, .func = UINT32_MAX, .name = "", .op = ""};
    if (id < SITE_FIRST)
        return true;
    const struct site *site = site_get(b->table, id);
    side->loc = site->file_off;
    side->func = site->func;
    side->access = site->kind;
    side->width = site->width;
    side->name = build_func_name(b, site->func);
    side->op = opcode_name(b, site->opcode);
    return side->name && side->op && build_base(b, id, side) && stacks_find(&b->stacks, id, side);
}

/* Orders by what makes a group: kind, first, second. */
int compare_groups(const void *left, const void *right)
{
    const struct report_pair *a = left, *b = right;
    static const int rank[] = {[ORIGIN_INIT] = 0, [ORIGIN_HOST] = 1, [ORIGIN_SITE] = 2};
    if (a->kind != b->kind)
        return a->kind < b->kind ? -1 : 1;
    if (a->first.origin != b->first.origin)
        return rank[a->first.origin] - rank[b->first.origin];
    if (a->first.loc != b->first.loc)
        return a->first.loc < b->first.loc ? -1 : 1;
    if (a->second.loc != b->second.loc)
        return a->second.loc < b->second.loc ? -1 : 1;
    return 0;
}

/* The contract's order. */
int compare_pairs(const void *left, const void *right)
{
    const struct report_pair *a = left, *b = right;
    if (a->kind == b->kind && a->bytes != b->bytes)
        return a->bytes > b->bytes ? -1 : 1;
    return compare_groups(left, right);
}

/* Adds up groups that stand side by side.  Sites have locations of their own, so there should be none; but reports are
 * by location, and a reader may rely on each being there once. */
static void merge_groups(struct report *r)
{
    if (r->pair_count == 0)
        return;
    qsort(r->pairs, r->pair_count, sizeof *r->pairs, compare_groups);
    size_t last = 0;
    for (size_t i = 1; i < r->pair_count; i++) {
        if (compare_groups(&r->pairs[last], &r->pairs[i]) != 0) {
            r->pairs[++last] = r->pairs[i];
            continue;
        }
        r->pairs[last].instances += r->pairs[i].instances;
        r->pairs[last].bytes += r->pairs[i].bytes;
        report_distance_add(&r->pairs[last].distance, &r->pairs[i].distance);
    }
    r->pair_count = last + 1;
    qsort(r->pairs, r->pair_count, sizeof *r->pairs, compare_pairs);
}

static bool build_pairs(struct build *b, const struct counters *counters)
{
    struct report *r = b->out;
    if (counters->pair_count == 0)
        return true;
    r->pairs = calloc(counters->pair_count, sizeof *r->pairs);
    if (!r->pairs)
        return false;
    for (size_t i = 0; i < counters->pair_count; i++) {
        const struct pair_count *from = &counters->pairs[i];
        struct report_pair *to = &r->pairs[i];
        *to = (struct report_pair){.kind = from->kind, .instances = from->instances, .bytes = from->bytes};
        if (!build_side(b, from->first, &to->first) || !build_side(b, from->second, &to->second))
            return false;
        if (from->first == SITE_NONE)
            to->first.origin = ORIGIN_INIT;
        else if (from->first == SITE_HOST_WRITE)
            to->first.origin = ORIGIN_HOST;
        if (counters->distances && !counters->distances_sampled) {
            if (from->first != SITE_NONE)
                to->distance = (struct report_distance){true, true, counters->distances[i]};
        } else {
            estimate_distance(b, from, counters->distances ? &counters->distances[i] : NULL, to);
        }
        if (!build_class(b, from, to) || !build_distance_advice(b, to))
            return false;
    }
    r->pair_count = counters->pair_count;
    merge_groups(r);
    return true;
}

void finish_totals(struct report *r)
{
    for (int kind = 0; kind < DEFECT_KINDS; kind++) {
        bool load = kind == DEFECT_SILENT_LOAD_AFTER_LOAD || kind == DEFECT_SILENT_LOAD_AFTER_STORE;
        uint64_t whole = load ? r->bytes_loaded : r->bytes_stored;
        r->totals[kind].share = whole ? (double)r->totals[kind].bytes / (double)whole : 0;
    }
}

static void build_totals(struct report *r)
{
    for (size_t i = 0; i < r->pair_count; i++) {
        r->totals[r->pairs[i].kind].instances += r->pairs[i].instances;
        r->totals[r->pairs[i].kind].bytes += r->pairs[i].bytes;
    }
    finish_totals(r);
}

static int compare_opaque(const void *left, const void *right)
{
    const struct report_opaque *a = left, *b = right;
    return strcmp(a->import, b->import);
}

/* Calls of opaque imports by name.  A module may import one thing twice: that is one line. */
static bool build_opaque(struct build *b, const struct counters *counters)
{
    struct report *r = b->out;
    if (counters->opaque_count == 0)
        return true;
    r->opaque = calloc(counters->opaque_count, sizeof *r->opaque);
    if (!r->opaque)
        return false;
    for (size_t i = 0; i < counters->opaque_count; i++) {
        const char *module = "", *name = "";
        size_t module_size = 0, name_size = 0;
        b->names->import(b->names->self, counters->opaque[i].func, &module, &module_size, &name, &name_size);
        buf_clear(&b->scratch);
        clean_put(&b->scratch, module, module_size, SIZE_MAX);
        buf_put_u8(&b->scratch, '.');
        clean_put(&b->scratch, name, name_size, SIZE_MAX);
        r->opaque[i].import = keep_scratch(b);
        r->opaque[i].calls = counters->opaque[i].calls;
        if (!r->opaque[i].import)
            return false;
    }
    qsort(r->opaque, counters->opaque_count, sizeof *r->opaque, compare_opaque);
    size_t last = 0;
    for (size_t i = 1; i < counters->opaque_count; i++) {
        if (compare_opaque(&r->opaque[last], &r->opaque[i]) != 0)
            r->opaque[++last] = r->opaque[i];
        else
            r->opaque[last].calls += r->opaque[i].calls;
    }
    r->opaque_count = last + 1;
    return true;
}

static void build_counts(struct report *r, const struct counters *c)
{
    r->accesses = counters_accesses(c);
    r->loads = c->accesses[ACCESS_LOAD];
    r->stores = c->accesses[ACCESS_STORE];
    r->rmws = c->accesses[ACCESS_RMW] + c->accesses[ACCESS_CMPXCHG];
    r->waits = c->accesses[ACCESS_WAIT];
    r->fills = c->accesses[ACCESS_FILL];
    r->copies = c->accesses[ACCESS_COPY];
    r->inits = c->accesses[ACCESS_INIT];
    r->host_reads = c->accesses[ACCESS_HOST_READ];
    r->host_writes = c->accesses[ACCESS_HOST_WRITE];
    r->bytes_loaded = c->bytes_loaded;
    r->bytes_stored = c->bytes_stored;
    r->unread_at_exit = c->unread_at_exit;
}

bool report_build(struct report *out, const struct counters *counters, const struct site_table *table,
                  const struct report_names *names, const struct report_input *input,
                  const struct report_ending *ending, struct error *err)
{
    *out = (struct report){.input_size = input->size,
                           .input_hash = input->hash,
                           .shared_memory = input->shared_memory,
                           .by_trace = input->by_trace,
                           .max_memory = input->max_memory,
                           .context_depth = input->context_depth,
                           .has_exit_code = ending->has_exit_code,
                           .exit_code = ending->exit_code,
                           .grows_refused = ending->grows_refused,
                           .lost = ending->lost,
                           .classed = input->facts != NULL,
                           .strings = strings_new()};
    if (!out->strings)
        return error_no_memory(err);
    struct build b = {.out = out, .table = table, .names = names, .facts = input->facts};
    buf_init(&b.scratch, SIZE_MAX / 2);
    bool ok = stacks_open(&b.stacks, out, names, table);
    build_counts(out, counters);
    out->input_path = build_text(&b, input->path, SIZE_MAX); /* whole: a script may want to open it */
    ok = ok && out->input_path != NULL;
    if (ok && ending->trap) {
        out->trap = build_text(&b, ending->trap, CLEAN_NAME_LIMIT);
        ok = out->trap != NULL;
    }
    ok = ok && build_trap(&b, ending) && build_pairs(&b, counters) && build_parts(&b, counters) &&
         build_unread(&b, counters) && functions_find_homes(out) && own_find(out, input->own) &&
         sources_collect(out, names) && stacks_total(&b.stacks) && build_opaque(&b, counters) &&
         build_map(&b, counters);
    stacks_close(&b.stacks);
    free(b.object_ids);
    buf_release(&b.scratch);
    if (!ok) {
        report_release(out);
        return error_no_memory(err);
    }
    build_totals(out);
    finish_classes(out);
    effect_estimate(out);
    finish_objects(out);
    return true;
}

void report_release(struct report *r)
{
    free(r->runs);
    free(r->suppressed);
    free(r->pairs);
    free(r->groups);
    free(r->bests);
    free(r->ranked);
    free(r->places);
    free(r->dead);
    free(r->unread_places);
    free(r->contexts);
    free(r->pair_contexts);
    free(r->objects);
    free(r->pair_objects);
    free(r->opaque);
    free(r->unread);
    for (size_t i = 0; i < r->stack_count; i++)
        free(r->stacks[i]);
    free(r->stacks);
    free(r->trap_at.stack);
    free(r->lines.missing);
    free(r->sources);
    free(r->map.cells);
    free(r->map_shares);
    strings_free(r->strings);
    *r = (struct report){0};
}
