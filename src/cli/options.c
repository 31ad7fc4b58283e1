#include "cli/options.h"

#include "cli/selection.h"
#include "cli/suggest.h"
#include "trace/context.h"

#include <ctype.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum {
    OPT_REPORT = 256,
    OPT_FORMAT,
    OPT_DIR,
    OPT_ENV,
    OPT_INHERIT_ENV,
    OPT_INVOKE,
    OPT_PRELOAD,
    OPT_STUBS,
    OPT_TIMEOUT,
    OPT_KEEP_DEBUG,
    OPT_INLINE,
    OPT_TIMES,
    OPT_HOT_AFTER,
    OPT_ANALYSIS,
    OPT_NO_CACHE,
    OPT_TRACE_MEMORY,
    OPT_DEBUG_FILE,
    OPT_SOURCE_MAP,
    OPT_CONTEXTS,
    OPT_OBJECTS,
    OPT_ALLOC,
    OPT_TRACE_OUT,
    OPT_TRACE_VALUES,
    OPT_SORT,
    OPT_BY,
    OPT_TOP,
    OPT_MIN_SHARE,
    OPT_ONLY,
    OPT_FOCUS,
    OPT_IGNORE,
    OPT_COLOR,
    OPT_MAX_MEMORY
};

enum { TRACE_MIB_MAX = 4095 }; /* addresses of the trace memory have 32 bits */

static const struct option long_options[] = {
    {"out", required_argument, NULL, 'o'},
    {"run", no_argument, NULL, 'r'},
    {"full", no_argument, NULL, 'f'},
    {"report", required_argument, NULL, OPT_REPORT},
    {"format", required_argument, NULL, OPT_FORMAT},
    {"dir", required_argument, NULL, OPT_DIR},
    {"env", required_argument, NULL, OPT_ENV},
    {"inherit-env", no_argument, NULL, OPT_INHERIT_ENV},
    {"invoke", required_argument, NULL, OPT_INVOKE},
    {"preload", required_argument, NULL, OPT_PRELOAD},
    {"stub-imports", required_argument, NULL, OPT_STUBS},
    {"timeout", required_argument, NULL, OPT_TIMEOUT},
    {"max-memory", required_argument, NULL, OPT_MAX_MEMORY},
    {"keep-debug", no_argument, NULL, OPT_KEEP_DEBUG},
    {"times", no_argument, NULL, OPT_TIMES},
    {"hot-after", required_argument, NULL, OPT_HOT_AFTER},
    {"analysis", required_argument, NULL, OPT_ANALYSIS},
    {"inline", required_argument, NULL, OPT_INLINE},
    {"no-cache", no_argument, NULL, OPT_NO_CACHE},
    {"trace-memory", required_argument, NULL, OPT_TRACE_MEMORY},
    {"debug-file", required_argument, NULL, OPT_DEBUG_FILE},
    {"source-map", required_argument, NULL, OPT_SOURCE_MAP},
    {"trace-out", required_argument, NULL, OPT_TRACE_OUT},
    {"trace-values", no_argument, NULL, OPT_TRACE_VALUES},
    {"contexts", optional_argument, NULL, OPT_CONTEXTS},
    {"objects", no_argument, NULL, OPT_OBJECTS},
    {"alloc", required_argument, NULL, OPT_ALLOC},
    {"sort", required_argument, NULL, OPT_SORT},
    {"by", required_argument, NULL, OPT_BY},
    {"top", required_argument, NULL, OPT_TOP},
    {"min-share", required_argument, NULL, OPT_MIN_SHARE},
    {"only", required_argument, NULL, OPT_ONLY},
    {"focus", required_argument, NULL, OPT_FOCUS},
    {"ignore", required_argument, NULL, OPT_IGNORE},
    {"color", required_argument, NULL, OPT_COLOR},
    {"quiet", no_argument, NULL, 'q'},
    {"help", no_argument, NULL, 'h'},
    {"version", no_argument, NULL, 'V'},
    {0},
};

/* Where a repeated option's strings go: the options' own copy of argv, cut in place. */
struct reader {
    struct options *o;
    struct engine_pair *env, *dirs, *preloads; /* each as long as argv */
    struct source_move *moves;                 /* so is this */
    size_t format_count, path_count;           /* of --format and --report */
    struct error *err;
    bool analyze;           /* the words are those of `analyze` */
    const char *run_option; /* an option that was given and needs --run */
};

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
    for (int i = 0; words[i]; i++)
        if (strcmp(words[i], word) == 0) {
            *choice = i;
            return true;
        }
    char known[120] = "";
    for (size_t i = 0, used = 0; words[i] && used < sizeof known; i++)
        used += (size_t)snprintf(known + used, sizeof known - used, "%s%s", i ? ", " : "", words[i]);
    return error_set(r->err, ERROR_USAGE, "--%s: unknown word '%s'; there are: %s", option, word, known);
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

static bool add_alloc(struct reader *r, char *text)
{
    struct objects_alloc *a = &r->o->allocs[r->o->alloc_count++];
    const char *kind;
    a->name = cut(text, "=", &kind);
    a->kind = kind ? objects_alloc_kind(kind) : ALLOC_MALLOC;
    r->o->objects = true;
    if (*a->name && a->kind)
        return true;
    return error_set(
        r->err, ERROR_USAGE,
        "--alloc: NAME or NAME=KIND expected, where KIND is malloc, calloc, realloc, aligned, posix_memalign, "
        "free or rust_realloc");
}

static bool take_run_option(struct reader *r, int option, char *arg)
{
    static const char *const stub_words[] = {"none", "trap", "default", NULL};
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
    case OPT_MAX_MEMORY:
        r->run_option = "--max-memory";
        return read_max_memory(r, arg);
    }
}

static bool take_option(struct reader *r, int option, char *arg)
{
    static const char *const selections[] = {"--sort", "--by", "--top", "--min-share", "--only", "--focus", "--ignore"};
    if (option >= OPT_SORT && option <= OPT_IGNORE) {
        r->run_option = selections[option - OPT_SORT];
        return selection_read(&r->o->selection, r->run_option + 2, arg, r->err);
    }
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
    case 'q':
        o->quiet = true;
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

/* The option that is most like the word, up to its `=`; NULL where none is. */
static const char *nearest_option(const char *word)
{
    char name[40];
    snprintf(name, sizeof name, "%.*s", (int)strcspn(word, "="), word);
    const char *start = name + strspn(name, "-"), *best = NULL;
    size_t least = SIZE_MAX;
    for (const struct option *o = long_options; o->name; o++) {
        size_t distance = suggest_distance(start, o->name);
        if (distance > 0 && distance < least && suggest_is_near(start, o->name, distance)) {
            least = distance;
            best = o->name;
        }
    }
    return best;
}

static bool unknown_option(struct reader *r, int option, char **argv)
{
    if (optopt && optopt < 256 && strncmp(argv[optind - 1], "--", 2) != 0)
        return error_set(r->err, ERROR_USAGE, "unknown option -%c, or its argument is missing (see --help)", optopt);
    if (option == ':')
        return error_set(r->err, ERROR_USAGE, "option '%s' needs an argument behind it (see --help)", argv[optind - 1]);
    const char *meant = nearest_option(argv[optind - 1]);
    if (meant)
        return error_set(r->err, ERROR_USAGE, "unknown option '%s'; did you mean '--%s'?", argv[optind - 1], meant);
    return error_set(r->err, ERROR_USAGE, "unknown or incomplete option '%s' (see --help)", argv[optind - 1]);
}

/* `program` is up to the first bare --; what stands behind is the guest's. */
static bool is_number(const char *word)
{
    return *word && strspn(word, "0123456789") == strlen(word);
}

/* Those that say how a run goes, or where a module goes, make no sense without either. */
static bool analyze_takes(int option)
{
    return option == 'f' || option == 'q' || option == OPT_COLOR || option == 'h' || option == 'V' ||
           option == OPT_REPORT || option == OPT_FORMAT || option == OPT_DEBUG_FILE || option == OPT_SOURCE_MAP ||
           option == OPT_PRELOAD || (option >= OPT_SORT && option <= OPT_IGNORE);
}

static bool read_analyze_words(struct reader *r, int argc, char **argv)
{
    if (optind + 2 != argc)
        return error_set(r->err, ERROR_USAGE, "analyze takes a module and a trace (see --help)");
    r->o->input = r->o->lines.module_path = argv[optind];
    r->o->replay = argv[optind + 1];
    return true;
}

static bool read_words(struct reader *r, int argc, char **argv)
{
    int option;
    optind = 0; /* glibc: start afresh */
    opterr = 0;
    while ((option = getopt_long(argc, argv, ":o:rfqhV", long_options, NULL)) != -1) {
        if (option == '?' || option == ':')
            return unknown_option(r, option, argv);
        if (option == OPT_CONTEXTS && !optarg && optind < argc && is_number(argv[optind]))
            optarg = argv[optind++]; /* no input is called so: their names end in .wasm */
        if (r->analyze && !analyze_takes(option))
            return error_set(r->err, ERROR_USAGE, "analyze takes no option '%s' (see --help)", argv[optind - 1]);
        if (!take_option(r, option, optarg))
            return false;
    }
    if (r->o->help || r->o->version)
        return true;
    if (r->analyze)
        return read_analyze_words(r, argc, argv);
    if (optind == argc)
        return error_set(r->err, ERROR_USAGE, "no input module (see --help)");
    if (optind + 1 < argc)
        return error_set(r->err, ERROR_USAGE,
                         "more than one input: '%s' and '%s'; the program's arguments go behind --", argv[optind],
                         argv[optind + 1]);
    r->o->input = r->o->lines.module_path = argv[optind];
    if (r->run_option && !r->o->run)
        return error_set(r->err, ERROR_USAGE, "%s needs --run", r->run_option);
    return true;
}

static bool ends_in_wasm(const char *path)
{
    size_t n = strlen(path);
    return n > 5 && strcasecmp(path + n - 5, ".wasm") == 0;
}

static bool set_defaults(struct options *o, struct error *err)
{
    size_t n = strlen(o->input);
    if (!ends_in_wasm(o->input))
        return error_set(err, ERROR_USAGE, "'%s' does not end in .wasm", o->input);
    if (o->output)
        return true;
    if (asprintf(&o->output, "%.*s_instrumented.wasm", (int)n - 5, o->input) < 0) {
        o->output = NULL;
        return error_no_memory(err);
    }
    return true;
}

/* argv[0] is the module's base name; --invoke's arguments are numbers for the function. */
static bool set_guest_args(struct options *o, char **args, size_t count, struct error *err)
{
    const char **guest = calloc(count + 1, sizeof *guest);
    if (!guest)
        return error_no_memory(err);
    const char *slash = strrchr(o->input, '/');
    guest[0] = slash ? slash + 1 : o->input;
    for (size_t i = 0; i < count; i++)
        guest[i + 1] = args[i];
    o->engine.args = guest;
    o->engine.arg_count = count + 1;
    if (o->engine.invoke) {
        o->engine.invoke_args = guest + 1;
        o->engine.invoke_arg_count = count;
        o->engine.arg_count = 1;
    }
    return true;
}

static bool read_all(struct options *o, bool analyze, int argc, char **argv, struct error *err)
{
    *o = (struct options){0};
    int own = 1; /* words of ours; the rest is the guest's */
    while (own < argc && strcmp(argv[own], "--") != 0)
        own++;
    size_t n = (size_t)argc + 1;
    struct reader r = {.o = o, .err = err, .analyze = analyze};
    r.env = calloc(n, sizeof *r.env);
    r.dirs = calloc(n, sizeof *r.dirs);
    r.preloads = calloc(n, sizeof *r.preloads);
    r.moves = calloc(n, sizeof *r.moves);
    o->opaque_modules = calloc(n, sizeof *o->opaque_modules);
    o->allocs = calloc(n, sizeof *o->allocs);
    o->reports = calloc(n, sizeof *o->reports);
    o->engine.env = r.env;
    o->engine.dirs = r.dirs;
    o->engine.preloads = r.preloads;
    o->lines.moves = r.moves;
    if (!r.env || !r.dirs || !r.preloads || !r.moves || !o->opaque_modules || !o->allocs || !o->reports)
        return error_no_memory(err);
    if (!read_words(&r, own, argv))
        return false;
    if (o->help || o->version)
        return true;
    char **args = own < argc ? argv + own + 1 : argv + argc;
    return o->input && options_pair_reports(o, r.format_count, r.path_count, err) && set_defaults(o, err) &&
           set_guest_args(o, args, (size_t)(argv + argc - args), err);
}

bool options_read(struct options *o, int argc, char **argv, struct error *err)
{
    return read_all(o, false, argc, argv, err);
}

bool options_read_analyze(struct options *o, int argc, char **argv, struct error *err)
{
    return read_all(o, true, argc, argv, err);
}

void options_release(struct options *o)
{
    free(o->output);
    free(o->reports);
    free((void *)o->engine.env);
    free((void *)o->engine.dirs);
    free((void *)o->engine.preloads);
    free((void *)o->engine.args);
    free((void *)o->lines.moves);
    free(o->opaque_modules);
    free(o->allocs);
    *o = (struct options){0};
}
