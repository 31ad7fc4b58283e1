/* Analysis of a trace that was saved, or that another engine left. */
#include "api/tracer.h"

#include "base/hash.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Bytes that were looked at are read once more. */
struct again {
    struct byte_source source;
    uint8_t front[16];
    size_t size, used;
};

static size_t read_again(void *self, uint8_t *to, size_t size)
{
    struct again *a = self;
    size_t n = a->size - a->used < size ? a->size - a->used : size;
    memcpy(to, a->front + a->used, n);
    a->used += n;
    return n + (n < size ? a->source.read(a->source.self, to + n, size - n) : 0);
}

/* A file's sites are its own, if it is of the module. */
static bool take_sites(struct tracer *t, const struct trace_reader *r, struct error *err)
{
    const struct trace_head *head = trace_reader_head(r);
    if (head->module_size != t->size || head->module_hash != hash_fnv1a(t->bytes, t->size))
        return error_set(err, ERROR_INPUT, "the trace is one of another module, '%.200s'", head->path);
    const struct site_table *sites = trace_reader_sites(r);
    t->sites = *sites;
    t->sites.capacity = sites->count;
    t->sites.sites = malloc((sites->count + 1) * sizeof *sites->sites);
    if (!t->sites.sites)
        return error_no_memory(err);
    memcpy(t->sites.sites, sites->sites, sites->count * sizeof *sites->sites);
    snprintf(t->why_text, sizeof t->why_text, "%s", head->why_trace);
    t->why_trace = *t->why_text ? t->why_text : NULL;
    return true;
}

/* Those of a trace memory are what the rewriter makes them. */
static bool make_sites(struct tracer *t, const struct rewrite_options *options, struct error *err)
{
    struct rewrite_options o = *options;
    o.values = true;
    const char *why = NULL;
    if (!rewrite_can_be_online(&t->module, &o, &why) && t->module.memory_count)
        t->why_trace = why;
    return rewrite_module(&t->module, &o, &t->executed, &t->sites, err);
}

bool tracer_feed_open(struct tracer *t, const struct rewrite_options *options, struct error *err)
{
    return make_sites(t, options, err) && collect_open(&t->collect, &t->sites, 1, COLLECT_BY_TRACE, NULL, err) &&
           collect_want(&t->collect, t->map, t->distances, err);
}

static struct trace_reader *open_trace(struct tracer *t, const struct rewrite_options *options, struct again *a,
                                       struct error *err)
{
    a->size = a->source.read(a->source.self, a->front, sizeof a->front);
    struct byte_source source = {read_again, a};
    if (!a->size) {
        error_set(err, ERROR_INPUT, "the trace is empty");
        return NULL;
    }
    if (!trace_is_file(a->front, a->size))
        return make_sites(t, options, err) ? trace_image_new(source, &t->sites, err) : NULL;
    struct trace_reader *r = trace_reader_new(source, err);
    if (r && !take_sites(t, r, err)) {
        trace_reader_free(r);
        return NULL;
    }
    return r;
}

static bool take_all(struct tracer *t, struct trace_reader *r, struct error *err)
{
    const struct engine_guest guest = collect_guest(&t->collect);
    const uint8_t *records;
    size_t size;
    while (trace_reader_next(r, &records, &size))
        if (!guest.records.put(guest.records.self, records, size))
            return false;
    return err->code == ERROR_NONE;
}

/* What a run's result would have been. */
static void end_run(struct tracer *t, const struct trace_reader *r, char cut[TRACER_CUT_SIZE])
{
    const struct trace_ending *ending = trace_reader_ending(r);
    t->result = (struct engine_result){.has_exit_code = ending && ending->has_exit_code};
    if (ending) {
        t->result.exit_code = ending->exit_code;
        t->result.grows_refused = ending->grows_refused;
        t->trap_at = ending->trap_at;
    }
    snprintf(t->result.trap, sizeof t->result.trap, "%s", ending ? ending->trap : TRAP_UNKNOWN);
    t->lost = trace_reader_lost(r);
    snprintf(cut, TRACER_CUT_SIZE, "%s", trace_reader_cut(r) ? trace_reader_cut(r) : "");
}

bool tracer_replay(struct tracer *t, const struct rewrite_options *options, struct byte_source source, int full,
                   char cut[TRACER_CUT_SIZE], struct error *err)
{
    struct again a = {.source = source};
    struct trace_reader *r = open_trace(t, options, &a, err);
    if (!r)
        return false;
    const struct trace_head *head = trace_reader_head(r);
    bool ok = full < 3 || head->values ||
              error_set(err, ERROR_USAGE, "-fff needs values in the trace: record it with --trace-values");
    t->contexts = head->contexts;
    t->objects = head->objects;
    t->context_depth = head->context_depth;
    t->max_memory = head->max_memory;
    if (head->objects)
        ok = ok && objects_read(&t->layout, &t->module, t->lines, NULL, 0, err);
    const struct collect_apart apart = {head->contexts, head->objects ? &t->layout.layout : NULL};
    enum collect_how how = head->contexts || head->objects ? COLLECT_APART : COLLECT_BY_TRACE;
    ok = ok && trace_reader_check(r, &t->module, err) && collect_open(&t->collect, &t->sites, full, how, &apart, err) &&
         collect_want(&t->collect, t->map, t->distances, err) && take_all(t, r, err);
    if (ok)
        end_run(t, r, cut);
    trace_reader_free(r);
    return ok;
}
