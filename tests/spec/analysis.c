#include "analysis.h"

#include "api/tracer.h"
#include "render/render.h"
#include "unit/naive.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A memory of records that is full soon: what is not kept is to change nothing either. */
enum { RECORD_PAGES = 64 };

/* The naive analysis keeps a struct for each byte, and looks for it in a list. */
enum { NAIVE_MAX = 1 << 17 };

/* What ran once counts as hot, and there may be any number of such sites. */
enum { HOT_AFTER = 1, HOT_LIMIT = 1 << 30 };

struct analysis {
    struct tracer tracer;
    struct error *err;
    bool online;
    bool habitual; /* the code is made for the habits of an earlier run, and the next one's for those of this */
    struct engine_guest guest; /* who gets the records behind the naive analysis */
    struct naive *naive;       /* NULL: too much was touched for it */
    uint64_t touched;          /* bytes, so far */
};

static bool rewrite(struct analysis *a, enum form form, struct rewrite_options *o, struct buf *out)
{
    if (form == FORM_RECORD) {
        o->trace_pages = RECORD_PAGES;
        return tracer_instrument(&a->tracer, o, out, a->err);
    }
    const char *why = NULL;
    o->for_run = true;
    o->online = form == FORM_ONLINE && rewrite_can_be_online(&a->tracer.module, o, &why);
    a->online = o->online;
    a->habitual = o->online && o->inlining == REWRITE_INLINE_AUTO;
    if (a->habitual) {
        habit_file_load(&a->tracer.habits, a->tracer.bytes, a->tracer.size);
        o->habits = a->tracer.habits.count ? &a->tracer.habits : NULL;
    }
    return rewrite_module(&a->tracer.module, o, out, &a->tracer.sites, a->err);
}

struct analysis *analysis_new(enum form form, int inlining, const uint8_t *bytes, size_t size, struct buf *out,
                              struct error *err)
{
    struct analysis *a = calloc(1, sizeof *a);
    if (!a) {
        error_no_memory(err);
        return NULL;
    }
    a->err = err;
    struct rewrite_options o = {.inlining = (enum rewrite_inline)inlining};
    if (tracer_open(&a->tracer, "module.wasm", bytes, size, err) && rewrite(a, form, &o, out))
        return a;
    analysis_free(a);
    return NULL;
}

void analysis_free(struct analysis *a)
{
    if (a && a->naive)
        naive_free(a->naive);
    if (a)
        tracer_release(&a->tracer);
    free(a);
}

bool analysis_is_online(const struct analysis *a)
{
    return a->online;
}

/* Shows the records to the naive analysis first. */
static bool put(void *self, const uint8_t *records, size_t size)
{
    struct analysis *a = self;
    for (const uint8_t *at = records; a->naive && at < records + size;) {
        struct access x;
        at += record_read(&a->tracer.sites, at, &x);
        a->touched += x.length;
    }
    if (a->naive && a->touched > NAIVE_MAX) {
        naive_free(a->naive);
        a->naive = NULL;
    }
    if (a->naive)
        naive_put(a->naive, records, size);
    return a->guest.records.put(a->guest.records.self, records, size);
}

static uint32_t unfinished(void *self, const uint8_t *at, const struct guest_trap *trap)
{
    struct analysis *a = self;
    return a->guest.unfinished(a->guest.records.self, at, trap);
}

/* Whether the naive analysis, where it could follow, has seen the same. */
static bool naive_agrees(struct analysis *a)
{
    struct counters want, got;
    if (!a->naive)
        return true;
    if (!collect_counters(&a->tracer.collect, &got, a->err))
        return false;
    naive_counters(a->naive, &want);
    naive_sort(&want);
    naive_sort(&got);
    bool same = want.pair_count == got.pair_count && want.bytes_loaded == got.bytes_loaded &&
                want.bytes_stored == got.bytes_stored && want.unread_at_exit == got.unread_at_exit &&
                !memcmp(want.accesses, got.accesses, sizeof want.accesses);
    for (size_t i = 0; same && i < want.pair_count; i++) {
        const struct pair_count *w = &want.pairs[i], *g = &got.pairs[i];
        same = w->kind == g->kind && w->first == g->first && w->second == g->second && w->instances == g->instances &&
               w->bytes == g->bytes;
    }
    counters_release(&want);
    counters_release(&got);
    return same || error_set(a->err, ERROR_ENGINE, "the naive analysis finds something else");
}

bool analysis_open(struct analysis *a, struct engine_guest *guest)
{
    if (!collect_open(&a->tracer.collect, &a->tracer.sites, 0, a->online ? COLLECT_ONLINE : COLLECT_BY_TRACE, NULL,
                      a->err))
        return false;
    *guest = a->guest = collect_guest(&a->tracer.collect);
    if (!a->online) {
        a->naive = naive_new(&a->tracer.sites);
        guest->records = (struct record_sink){put, a};
        guest->unfinished = unfinished;
    }
    return true;
}

static void keep_habits(const struct analysis *a)
{
    const struct tracer *t = &a->tracer;
    struct habits habits = {0};
    const struct habits_wish wish = {&t->habits, HOT_LIMIT, HOT_AFTER};
    if (online_analysis_habits(t->collect.online, &wish, &habits))
        habit_file_save(t->bytes, t->size, &habits);
    habits_release(&habits);
}

char *analysis_report(struct analysis *a)
{
    a->tracer.result.has_exit_code = true;
    if (a->habitual)
        keep_habits(a);
    if (!naive_agrees(a) || !tracer_report(&a->tracer, a->err))
        return NULL;
    char *json = NULL;
    size_t size;
    FILE *stream = open_memstream(&json, &size);
    if (!stream)
        return NULL;
    struct output out;
    output_init(&out, stream, NULL);
    render_json(&out, &a->tracer.report);
    bool ok = output_finish(&out, a->err);
    ok = !fclose(stream) && ok;
    for (char *c = json; ok && *c; c++)
        *c = *c == '\n' ? ' ' : *c;
    if (!ok) {
        free(json);
        json = NULL;
    }
    return json;
}
