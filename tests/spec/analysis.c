#include "analysis.h"

#include "api/tracer.h"
#include "render/render.h"

#include <stdio.h>
#include <stdlib.h>

/* A memory of records that is full soon: what is not kept is to change nothing either. */
enum { RECORD_PAGES = 64 };

struct analysis {
    struct tracer tracer;
    struct error *err;
    bool online;
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
    if (a)
        tracer_release(&a->tracer);
    free(a);
}

bool analysis_is_online(const struct analysis *a)
{
    return a->online;
}

bool analysis_open(struct analysis *a, struct engine_guest *guest)
{
    if (!collect_open(&a->tracer.collect, &a->tracer.sites, 0, a->online, false, a->err))
        return false;
    *guest = collect_guest(&a->tracer.collect);
    return true;
}

char *analysis_report(struct analysis *a)
{
    a->tracer.result.has_exit_code = true;
    if (!tracer_report(&a->tracer, a->err))
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
