/* What the argument of each option means. */
#include "api/allocs.h"
#include "cli/option_table.h"
#include "cli/selection.h"
#include "cli/words.h"
#include "trace/context.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TRACE_MIB_MAX = 4095 }; /* addresses of the trace memory have 32 bits */

/* Cuts TEXT at the separator; *second is what stands behind, NULL where it is missing. */
static const char *cut(char *text, const char *separator, const char **second)
{
    char *at = strstr(text, separator);
    *second = at ? at + strlen(separator) : NULL;
    if (at)
        *at = '\0';
    return text;
}

static bool choose(struct reader *r, const char *option, const char *word, const char *const *words, int *choice)
{
    return words_choose(option, word, words, choice, r->err);
}

static bool read_timeout(struct reader *r, const char *text)
{
    char *end;
    r->o->engine.timeout = strtod(text, &end);
    if (end != text && !*end && r->o->engine.timeout > 0 && r->o->engine.timeout < 1e9)
        return true;
    return error_set(r->err, ERROR_USAGE, "--timeout: '%s' is no number of seconds", text);
}

/* Bytes, or units of 1024 of them with a letter behind. */
static bool read_max_memory(struct reader *r, const char *text)
{
    static const char letters[] = "KMGT";
    char *end;
    unsigned long long value = strtoull(text, &end, 10);
    const char *letter = *end ? strchr(letters, toupper((unsigned char)*end)) : NULL;
    unsigned shift = letter ? 10 * (unsigned)(letter - letters + 1) : 0;
    bool good = *text >= '0' && *text <= '9' && (letter ? !end[1] : !*end) && value && value <= UINT64_MAX >> shift;
    r->o->max_memory = good ? (uint64_t)value << shift : 0;
    return good || error_set(r->err, ERROR_USAGE, "--max-memory: '%s' is no size, such as 64M", text);
}

static bool read_seed(struct reader *r, const char *text)
{
    char *end;
    errno = 0;
    r->o->engine.seed = strtoull(text, &end, 10);
    r->o->engine.seeded = *text >= '0' && *text <= '9' && !*end && errno != ERANGE;
    return r->o->engine.seeded || error_set(r->err, ERROR_USAGE, "--seed: '%s' is no number below 2^64", text);
}

static bool read_hot_after(struct reader *r, const char *text)
{
    char *end;
    r->o->hot_after = strtoull(text, &end, 10);
    if (*text >= '1' && *text <= '9' && !*end)
        return true;
    return error_set(r->err, ERROR_USAGE, "--hot-after: '%s' is no number of times", text);
}

static bool read_contexts(struct reader *r, const char *text)
{
    r->o->contexts = true;
    if (!text)
        return true;
    char *end;
    unsigned long depth = strtoul(text, &end, 10);
    r->o->context_depth = (uint32_t)depth;
    if (*text >= '1' && *text <= '9' && !*end && depth <= CONTEXT_DEPTH_MAX)
        return true;
    return error_set(r->err, ERROR_USAGE, "--contexts: '%s' is not between 1 and %d", text, CONTEXT_DEPTH_MAX);
}

static bool read_trace_memory(struct reader *r, const char *text)
{
    char *end;
    unsigned long mib = strtoul(text, &end, 10);
    r->o->trace_mib = (uint32_t)mib;
    if (end != text && !*end && mib >= 1 && mib <= TRACE_MIB_MAX)
        return true;
    return error_set(r->err, ERROR_USAGE, "--trace-memory: '%s' is not between 1 and %d", text, TRACE_MIB_MAX);
}

static bool add_env(struct reader *r, char *text)
{
    struct engine_pair *e = &r->env[r->o->engine.env_count];
    e->first = cut(text, "=", &e->second);
    if (!*e->first)
        return error_set(r->err, ERROR_USAGE, "--env: a name is missing");
    if (!e->second)
        e->second = getenv(e->first);
    if (e->second) /* a variable that we do not have either is passed over */
        r->o->engine.env_count++;
    return true;
}

static bool add_preload(struct reader *r, char *text)
{
    struct engine_pair *p = &r->preloads[r->o->engine.preload_count];
    p->first = cut(text, "=", &p->second);
    if (!p->second || !*p->second)
        return error_set(r->err, ERROR_USAGE, "--preload: NAME=FILE expected");
    r->o->opaque_modules[r->o->engine.preload_count++] = p->first;
    return true;
}

static bool add_move(struct reader *r, char *text)
{
    struct source_move *m = &r->moves[r->o->lines.move_count++];
    m->prefix = cut(text, "=", &m->folder);
    if (!m->folder || !*m->folder)
        return error_set(r->err, ERROR_USAGE, "--source-map: PREFIX=DIR expected");
    return true;
}

/* Cuts NAME=KIND.  Names may have a = of their own, behind which no word stands: `T::operator=(T const&)`, `<A as I<Item=u8>>::f`,
 * Zig's `Pool(.size = 8).get`. */
static const char *cut_kind(char *text)
{
    char *at = strrchr(text, '=');
    bool is_kind = at && at[1 + strspn(at + 1, "abcdefghijklmnopqrstuvwxyz_0123456789,:+-*")] == '\0';
    if (!is_kind || (!at[1] && strstr(text, "operator")))
        return NULL;
    *at = '\0';
    return at + 1;
}

static bool add_alloc(struct reader *r, char *text)
{
    struct objects_alloc *a = &r->o->allocs[r->o->alloc_count++];
    const char *kind = cut_kind(text);
    a->name = text;
    r->o->objects = true;
    if (*a->name && alloc_shape_read(&a->shape, kind ? kind : "malloc"))
        return true;
    return error_set(
        r->err, ERROR_USAGE,
        "--alloc: NAME or NAME=KIND expected, where KIND is malloc, calloc, realloc, aligned, posix_memalign, "
        "free, rust_realloc, zig_alloc, zig_free, zig_resize, zig_remap, via, or what each parameter is, such as "
        "-,size,align");
}

static bool take_run_option(struct reader *r, int option, char *arg)
{
    static const char *const stub_words[] = {"none", "trap", "default", NULL};
    static const char *const clocks[] = {"real", "fixed", "ticking", NULL};
    struct engine_options *e = &r->o->engine;
    int choice = 0;
    switch (option) {
    case OPT_DIR: {
        struct engine_pair *d = &r->dirs[e->dir_count++];
        d->first = cut(arg, "::", &d->second);
        if (!d->second)
            d->second = d->first;
        return true;
    }
    case OPT_ENV:
        return add_env(r, arg);
    case OPT_INHERIT_ENV:
        e->inherit_env = true;
        return true;
    case OPT_INVOKE:
        e->invoke = arg;
        return true;
    case OPT_PRELOAD:
        return add_preload(r, arg);
    case OPT_STUBS:
        if (!choose(r, "stub-imports", arg, stub_words, &choice))
            return false;
        e->stubs = (enum engine_stubs)choice;
        return true;
    default:
        return read_timeout(r, arg);
    case OPT_SEED:
        r->run_option = "--seed";
        return read_seed(r, arg);
    case OPT_CLOCK:
        r->run_option = "--clock";
        if (!choose(r, "clock", arg, clocks, &choice))
            return false;
        e->clock = (enum engine_clock)choice;
        return true;
    case OPT_MAX_MEMORY:
        r->run_option = "--max-memory";
        return read_max_memory(r, arg);
    }
}

/* What is made of a report besides writing it. */
static bool take_check(struct reader *r, int option, char *arg)
{
    static const char *const names[] = {"--fail-on",  "--fail-on-increase", "--tolerance",
                                        "--baseline", "--suppressions",     "--gen-suppressions"};
    struct options *o = r->o;
    r->run_option = names[option - OPT_FAIL_ON];
    switch (option) {
    case OPT_FAIL_ON:
        return limit_read(&o->limits[o->limit_count++], arg, r->err);
    case OPT_FAIL_ON_INCREASE:
        o->old_report = arg;
        return true;
    case OPT_TOLERANCE:
        o->has_tolerance = true;
        return tolerance_read(&o->tolerance, arg, r->err);
    case OPT_BASELINE:
        o->baseline = arg;
        return true;
    case OPT_SUPPRESSIONS:
        o->suppressions = arg;
        return true;
    default: /* another name for --format suppressions */
        o->reports[r->format_count++].format = format_find("suppressions");
        return true;
    }
}

bool option_take(struct reader *r, int option, char *arg)
{
    static const char *const selections[] = {"--sort", "--by",    "--top",    "--min-share",
                                             "--only", "--focus", "--ignore", "--housekeeping"};
    if (option >= OPT_SORT && option <= OPT_HOUSEKEEPING) {
        r->run_option = selections[option - OPT_SORT];
        if (!selection_read(&r->o->selection, r->run_option + 2, arg, r->err))
            return false;
        if (option != OPT_BY || r->o->selection.by != SELECT_BY_OBJECT)
            return true;
        if (r->command == COMMAND_ANALYZE)
            return error_set(r->err, ERROR_USAGE, "--by object: a saved trace does not tell of objects");
        r->o->objects = true;
        return true;
    }
    if (option == OPT_OWN || option == OPT_NOT_OWN) {
        r->run_option = option == OPT_OWN ? "--own" : "--not-own";
        r->own[r->o->own.count++] = (struct own_rule){arg, option == OPT_OWN};
        return true;
    }
    if (option >= OPT_FAIL_ON && option <= OPT_GEN_SUPPRESSIONS)
        return take_check(r, option, arg);
    const char *formats[FORMATS_MAX + 1] = {0};
    for (size_t i = 0; i < FORMATS_MAX && format_at(i); i++)
        formats[i] = format_at(i)->name;
    static const char *const colours[] = {"auto", "always", "never", NULL};
    static const char *const inlinings[] = {"auto", "always", "never", NULL};
    static const char *const analyses[] = {"auto", "online", "trace", "record", NULL};
    struct options *o = r->o;
    int choice = 0;
    switch (option) {
    case 'o':
        if (r->command == COMMAND_MERGE) { /* whose output is a report */
            o->reports[r->path_count++].path = arg;
            return true;
        }
        free(o->output);
        o->output = strdup(arg);
        return o->output || error_no_memory(r->err);
    case 'r':
        o->run = true;
        return true;
    case 'f':
        r->run_option = "--full";
        o->full += o->full < 3;
        return true;
    case 'h':
        o->help = true;
        return true;
    case 'V':
        o->version = true;
        return true;
    case OPT_REPORT:
        r->run_option = "--report";
        o->reports[r->path_count++].path = arg;
        return true;
    case OPT_FORMAT:
        r->run_option = "--format";
        if (!choose(r, "format", arg, formats, &choice))
            return false;
        o->reports[r->format_count++].format = format_at((size_t)choice);
        return true;
    case OPT_COLOR:
        if (!choose(r, "color", arg, colours, &choice))
            return false;
        o->colour = (enum colour_choice)choice;
        return true;
    case OPT_DETAILS:
        o->details = true;
        return true;
    case 'q':
        o->quiet = true;
        return true;
    case 'v':
        o->verbose = true;
        return true;
    case OPT_INLINE:
        if (!choose(r, "inline", arg, inlinings, &choice))
            return false;
        o->inlining = (enum rewrite_inline)choice;
        return true;
    case OPT_TIMES:
        r->run_option = "--times";
        o->times = true;
        return true;
    case OPT_HOT_AFTER:
        r->run_option = "--hot-after";
        return read_hot_after(r, arg);
    case OPT_ANALYSIS:
        r->run_option = "--analysis";
        if (!choose(r, "analysis", arg, analyses, &choice))
            return false;
        o->analysis = (enum analysis_choice)choice;
        return true;
    case OPT_KEEP_DEBUG:
        o->keep_debug = true;
        return true;
    case OPT_NO_CACHE:
        o->no_cache = true;
        return true;
    case OPT_DEBUG_FILE:
        r->run_option = "--debug-file";
        o->lines.debug_file = arg;
        return true;
    case OPT_SOURCE_MAP:
        r->run_option = "--source-map";
        return add_move(r, arg);
    case OPT_CONTEXTS:
        r->run_option = "--contexts";
        return read_contexts(r, arg);
    case OPT_OBJECTS:
        r->run_option = "--objects";
        o->objects = true;
        return true;
    case OPT_DISTANCES:
        r->run_option = "--distances";
        o->distances = true;
        return true;
    case OPT_ALLOC:
        r->run_option = "--alloc";
        return add_alloc(r, arg);
    case OPT_TRACE_OUT:
        r->run_option = "--trace-out";
        o->trace_out = arg;
        return true;
    case OPT_TRACE_VALUES:
        r->run_option = "--trace-values";
        o->trace_values = true;
        return true;
    case OPT_TRACE_MEMORY:
        return read_trace_memory(r, arg);
    default:
        return take_run_option(r, option, arg);
    }
}
