#include "api/public.h"
#include "trace/context.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { OUTPUT_MAX = 0x7fffffff };

const char *public_module_name(const struct mem_tracer_options *o)
{
    return o->name ? o->name : "module.wasm";
}

bool public_error(const struct error *err, struct mem_tracer_error *out)
{
    if (out) {
        out->has_offset = err->offset != ERROR_NO_OFFSET;
        out->offset = out->has_offset ? err->offset : 0;
        snprintf(out->message, sizeof out->message, "%s", err->message);
    }
    return false;
}

const char *mem_tracer_version(void)
{
    return MT_VERSION;
}

bool mem_tracer_instrument(const uint8_t *module, size_t size, const struct mem_tracer_options *options, uint8_t **out,
                           size_t *out_size, struct mem_tracer_error *error)
{
    struct error err = ERROR_INIT;
    struct tracer t;
    struct buf bytes;
    buf_init(&bytes, OUTPUT_MAX);
    struct rewrite_options rewrite = {.keep_debug = options->keep_debug};
    bool ok = tracer_open(&t, public_module_name(options), module, size, &err) &&
              tracer_instrument(&t, &rewrite, &bytes, &err);
    tracer_release(&t);
    if (ok)
        *out = buf_detach(&bytes, out_size);
    buf_release(&bytes);
    return ok || public_error(&err, error);
}

/* A pair of the interface has the same two strings as one of the engine's, but is a type of its own. */
static struct engine_pair *copy_pairs(const struct mem_tracer_pair *pairs, size_t count)
{
    struct engine_pair *copy = calloc(count + 1, sizeof *copy);
    if (!copy)
        return NULL;
    for (size_t i = 0; i < count; i++)
        copy[i] = (struct engine_pair){pairs[i].first, pairs[i].second};
    return copy;
}

struct source_move *public_moves(const struct mem_tracer_options *o)
{
    const struct mem_tracer_pair *pairs = o->source_map;
    size_t count = o->source_map_count;
    struct source_move *copy = calloc(count + 1, sizeof *copy);
    if (!copy)
        return NULL;
    for (size_t i = 0; i < count; i++)
        copy[i] = (struct source_move){pairs[i].first, pairs[i].second};
    return copy;
}

static bool run(struct tracer *t, const struct mem_tracer_options *o, const char **args,
                const struct mem_tracer_output *outputs, size_t output_count, struct error *err)
{
    args[0] = public_module_name(o);
    for (size_t i = 0; i < o->arg_count; i++)
        args[i + 1] = o->args[i];
    struct engine_pair *env = copy_pairs(o->env, o->env_count), *dirs = copy_pairs(o->dirs, o->dir_count);
    struct engine_options engine = {.args = args,
                                    .arg_count = o->arg_count + 1,
                                    .env = env,
                                    .env_count = o->env_count,
                                    .dirs = dirs,
                                    .dir_count = o->dir_count,
                                    .timeout = o->timeout,
                                    .cache = o->cache};
    struct rewrite_options rewrite = {0};
    struct source_move *moves = public_moves(o);
    struct symbol_options lines = {.debug_file = o->debug_file, .moves = moves, .move_count = o->source_map_count};
    t->contexts = o->contexts;
    t->objects = o->objects;
    t->distances = o->distances;
    t->keeps_habits = o->habits;
    t->context_depth = o->context_depth < CONTEXT_DEPTH_MAX ? o->context_depth : CONTEXT_DEPTH_MAX;
    bool ok = (env && dirs && moves) || error_no_memory(err);
    ok = ok && public_outputs_check(t, outputs, output_count, err) &&
         symbol_lines_open(&t->lines, &t->module, &lines, err) && tracer_check_entry(t, NULL, err) &&
         tracer_run(t, &rewrite, &engine, 0, err) && tracer_report(t, err) &&
         public_outputs(t, outputs, output_count, err);
    free(moves);
    if (t->result.abandoned) /* its thread still looks at them */
        return ok;           /* NOLINT(clang-analyzer-unix.Malloc): so they are not freed */
    free(env);
    free(dirs);
    return ok;
}

bool mem_tracer_run_to(const uint8_t *module, size_t size, const struct mem_tracer_options *options,
                       const struct mem_tracer_output *outputs, size_t count, struct mem_tracer_error *error)
{
    struct error err = ERROR_INIT;
    struct tracer *t = calloc(1, sizeof *t); /* an abandoned guest still looks at it */
    const char **args = calloc(options->arg_count + 2, sizeof *args);
    if (!t || !args) {
        free(t);
        free(args);
        error_no_memory(&err);
        return public_error(&err, error);
    }
    bool ok =
        tracer_open(t, public_module_name(options), module, size, &err) && run(t, options, args, outputs, count, &err);
    if (!t->result.abandoned) {
        tracer_release(t);
        free(t);
        free(args);
    }
    /* NOLINTNEXTLINE(clang-analyzer-unix.Malloc): what an abandoned guest looks at is not freed */
    return ok || public_error(&err, error);
}

bool mem_tracer_run(const uint8_t *module, size_t size, const struct mem_tracer_options *options, char **json,
                    struct mem_tracer_error *error)
{
    struct public_text t;
    struct error err = ERROR_INIT;
    bool ok = public_text_open(&t, "json") ? mem_tracer_run_to(module, size, options, &t.output, 1, error)
                                           : error_no_memory(&err) || public_error(&err, error);
    return public_text_close(&t, ok, json);
}
