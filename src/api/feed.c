/* The public interface for those who run the instrumented module themselves, or saved a trace. */
#include "api/public.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct mem_tracer_analysis {
    struct tracer tracer;
    struct source_move *moves;
    struct trace_reader *reader; /* that checks what is fed */
    struct error err;            /* the analysis's; it stays where it is */
    struct error feed;           /* the reader's */
};

static bool open_module(struct tracer *t, struct source_move **moves, const uint8_t *module, size_t size,
                        const struct mem_tracer_options *options, struct error *err)
{
    *moves = public_moves(options);
    const struct symbol_options lines = {
        .debug_file = options->debug_file, .moves = *moves, .move_count = options->source_map_count};
    if (!*moves)
        error_no_memory(err);
    return tracer_open(t, public_module_name(options), module, size, err) && *moves &&
           symbol_lines_open(&t->lines, &t->module, &lines, err);
}

static size_t read_nothing(void *self, uint8_t *to, size_t size)
{
    (void)self;
    (void)to;
    (void)size;
    return 0;
}

static bool open_analysis(struct mem_tracer_analysis *a, const uint8_t *module, size_t size,
                          const struct mem_tracer_options *options)
{
    const struct rewrite_options rewrite = {0};
    if (!open_module(&a->tracer, &a->moves, module, size, options, &a->err))
        return false;
    a->tracer.map = true; /* nobody knows yet which formats there will be */
    if (!tracer_feed_open(&a->tracer, &rewrite, &a->err))
        return false;
    a->reader = trace_image_new((struct byte_source){read_nothing, NULL}, &a->tracer.sites, &a->feed);
    if (!a->reader) {
        a->err = a->feed;
        return false;
    }
    return trace_reader_check(a->reader, &a->tracer.module, &a->err);
}

struct mem_tracer_analysis *mem_tracer_analysis_new(const uint8_t *module, size_t size,
                                                    const struct mem_tracer_options *options,
                                                    struct mem_tracer_error *error)
{
    struct mem_tracer_analysis *a = calloc(1, sizeof *a);
    struct error no_memory = ERROR_INIT;
    if (!a) {
        error_no_memory(&no_memory);
        public_error(&no_memory, error);
        return NULL;
    }
    a->err = a->feed = ERROR_INIT;
    if (open_analysis(a, module, size, options)) {
        mem_tracer_analysis_end(a, 0, NULL);
        return a;
    }
    public_error(&a->err, error);
    mem_tracer_analysis_free(a);
    return NULL;
}

bool mem_tracer_analysis_feed(struct mem_tracer_analysis *a, const uint8_t *records, size_t size,
                              struct mem_tracer_error *error)
{
    if (a->feed.code != ERROR_NONE || a->err.code != ERROR_NONE)
        return public_error(a->err.code != ERROR_NONE ? &a->err : &a->feed, error);
    size_t good;
    bool all = trace_reader_accepts(a->reader, records, size, &good);
    const struct engine_guest guest = collect_guest(&a->tracer.collect);
    if (good && !guest.records.put(guest.records.self, records, good))
        return public_error(&a->err, error);
    return all || public_error(&a->feed, error);
}

void mem_tracer_analysis_end(struct mem_tracer_analysis *a, uint32_t exit_code, const char *trap)
{
    struct engine_result *r = &a->tracer.result;
    *r = (struct engine_result){.has_exit_code = !trap, .exit_code = trap ? 0 : exit_code};
    size_t n = 0;
    for (; trap && trap[n] && n + 1 < sizeof r->trap; n++) { /* one line, whatever it holds */
        r->trap[n] = trap[n];
        if (trap[n] < ' ' || trap[n] > '~')
            r->trap[n] = '?';
    }
}

bool mem_tracer_analysis_report_to(struct mem_tracer_analysis *a, const struct mem_tracer_output *outputs, size_t count,
                                   struct mem_tracer_error *error)
{
    if (a->err.code != ERROR_NONE)
        return public_error(&a->err, error);
    struct error err = ERROR_INIT;
    report_release(&a->tracer.report);
    a->tracer.report = (struct report){0};
    bool ok = public_outputs_check(&a->tracer, outputs, count, &err) && tracer_report(&a->tracer, &err) &&
              public_outputs(&a->tracer, outputs, count, &err);
    return ok || public_error(&err, error);
}

static bool no_memory(struct mem_tracer_error *error)
{
    struct error err = ERROR_INIT;
    error_no_memory(&err);
    return public_error(&err, error);
}

bool mem_tracer_analysis_report(struct mem_tracer_analysis *a, const char *format, char **text,
                                struct mem_tracer_error *error)
{
    struct public_text t;
    bool ok = public_text_open(&t, format) ? mem_tracer_analysis_report_to(a, &t.output, 1, error) : no_memory(error);
    return public_text_close(&t, ok, text);
}

void mem_tracer_analysis_free(struct mem_tracer_analysis *a)
{
    if (!a)
        return;
    trace_reader_free(a->reader);
    tracer_release(&a->tracer);
    free(a->moves);
    free(a);
}

bool mem_tracer_analyze_to(const uint8_t *module, size_t size, const struct mem_tracer_options *options,
                           mem_tracer_read *read, void *self, const struct mem_tracer_output *outputs, size_t count,
                           struct mem_tracer_error *error)
{
    struct error err = ERROR_INIT;
    struct tracer t = {0};
    struct source_move *moves;
    char cut[TRACER_CUT_SIZE] = "";
    const struct rewrite_options rewrite = {0};
    bool ok = open_module(&t, &moves, module, size, options, &err) && public_outputs_check(&t, outputs, count, &err) &&
              tracer_replay(&t, &rewrite, (struct byte_source){read, self}, 1, cut, &err) && tracer_report(&t, &err) &&
              public_outputs(&t, outputs, count, &err);
    tracer_release(&t);
    free(moves);
    if (ok && error) {
        *error = (struct mem_tracer_error){0};
        snprintf(error->message, sizeof error->message, "%s", cut);
    }
    return ok || public_error(&err, error);
}

bool mem_tracer_analyze(const uint8_t *module, size_t size, const struct mem_tracer_options *options,
                        mem_tracer_read *read, void *self, const char *format, char **text,
                        struct mem_tracer_error *error)
{
    struct public_text t;
    bool ok = public_text_open(&t, format)
                  ? mem_tracer_analyze_to(module, size, options, read, self, &t.output, 1, error)
                  : no_memory(error);
    return public_text_close(&t, ok, text);
}
