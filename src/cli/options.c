#include "cli/options.h"

#include "cli/option_table.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static bool unknown_option(struct reader *r, int option, char **argv)
{
    if (optopt && optopt < 256 && strncmp(argv[optind - 1], "--", 2) != 0)
        return error_set(r->err, ERROR_USAGE, "unknown option -%c, or its argument is missing (see --help)", optopt);
    if (option == ':')
        return error_set(r->err, ERROR_USAGE, "option '%s' needs an argument behind it (see --help)", argv[optind - 1]);
    const char *meant = option_nearest(argv[optind - 1]);
    if (meant)
        return error_set(r->err, ERROR_USAGE, "unknown option '%s'; did you mean '--%s'?", argv[optind - 1], meant);
    return error_set(r->err, ERROR_USAGE, "unknown or incomplete option '%s' (see --help)", argv[optind - 1]);
}

static bool is_number(const char *word)
{
    return *word && strspn(word, "0123456789") == strlen(word);
}

static bool read_analyze_words(struct reader *r, int argc, char **argv)
{
    if (optind + 2 != argc)
        return error_set(r->err, ERROR_USAGE, "analyze takes a module and a trace (see --help)");
    r->o->input = r->o->lines.module_path = argv[optind];
    r->o->replay = argv[optind + 1];
    return true;
}

static bool read_merge_words(struct reader *r, int argc, char **argv)
{
    if (optind == argc)
        return error_set(r->err, ERROR_USAGE, "merge takes reports of --format json (see --help)");
    if (r->o->full > 1)
        return error_set(r->err, ERROR_USAGE, "merge takes -f once: reports have no single accesses");
    r->o->merge = argv + optind;
    r->o->merge_count = (size_t)(argc - optind);
    return true;
}

/* Behind `needs --run`, why, and what to do instead: of options whose users may have meant the module that -o writes. */
static const char *why_run(const char *option)
{
    if (strcmp(option, "--contexts") != 0 && strcmp(option, "--objects") != 0)
        return "";
    return ": what -o writes for other engines records accesses only, neither calls nor allocations; --run --trace-out "
           "FILE saves those, too, and analyze reports on them";
}

static bool read_words(struct reader *r, int argc, char **argv)
{
    int option;
    optind = 0; /* glibc: start afresh */
    opterr = 0;
    while ((option = getopt_long(argc, argv, ":o:rfqvhV", option_table, NULL)) != -1) {
        if (option == '?' || option == ':')
            return unknown_option(r, option, argv);
        if (option == OPT_CONTEXTS && !optarg && optind < argc && is_number(argv[optind]))
            optarg = argv[optind++]; /* no input is called so: their names end in .wasm */
        if (!option_is_for(r->command, option))
            return error_set(r->err, ERROR_USAGE, "%s takes no option '%s' (see --help)", argv[0], argv[optind - 1]);
        if (!option_take(r, option, optarg))
            return false;
    }
    r->o->verbose = r->o->verbose && !r->o->quiet;
    if (r->o->help || r->o->version)
        return true;
    if (r->command == COMMAND_ANALYZE)
        return read_analyze_words(r, argc, argv);
    if (r->command == COMMAND_MERGE)
        return read_merge_words(r, argc, argv);
    if (optind == argc && r->o->run && r->behind_count) /* what stands behind -- is a whole command line */
        r->o->runner = true;
    else if (optind == argc)
        return error_set(r->err, ERROR_USAGE, "no input module (see --help)");
    else if (optind + 1 < argc)
        return error_set(r->err, ERROR_USAGE,
                         "more than one input: '%s' and '%s'; the program's arguments go behind --", argv[optind],
                         argv[optind + 1]);
    r->o->input = r->o->lines.module_path = r->o->runner ? r->behind[0] : argv[optind];
    if (r->run_option && !r->o->run)
        return error_set(r->err, ERROR_USAGE, "%s needs --run%s", r->run_option, why_run(r->run_option));
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
    o->output_named = o->output;
    const struct format *format = o->output ? format_of_path(o->output) : NULL;
    if (format)
        return error_set(
            err, ERROR_USAGE,
            "-o '%s': -o names the instrumented module, and that is a name for a report (%s), which would be "
            "written by --run --report '%s'",
            o->output, format->name, o->output);
    if (o->output_named || o->runner)
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

static bool read_all(struct options *o, enum option_command command, int argc, char **argv, struct error *err)
{
    *o = (struct options){.tolerance.floor = TOLERANCE_FLOOR};
    int own = 1; /* words of ours; the rest is the guest's */
    while (own < argc && strcmp(argv[own], "--") != 0)
        own++;
    size_t n = (size_t)argc + 1;
    char **args = own < argc ? argv + own + 1 : argv + argc;
    size_t arg_count = (size_t)(argv + argc - args);
    struct reader r = {.o = o, .err = err, .command = command, .behind = args, .behind_count = arg_count};
    r.env = calloc(n, sizeof *r.env);
    r.dirs = calloc(n, sizeof *r.dirs);
    r.preloads = calloc(n, sizeof *r.preloads);
    r.moves = calloc(n, sizeof *r.moves);
    r.own = calloc(n, sizeof *r.own);
    o->opaque_modules = calloc(n, sizeof *o->opaque_modules);
    o->allocs = calloc(n, sizeof *o->allocs);
    o->reports = calloc(n, sizeof *o->reports);
    o->limits = calloc(n, sizeof *o->limits);
    o->selection.focus = calloc(n, sizeof *o->selection.focus);
    o->selection.ignore = calloc(n, sizeof *o->selection.ignore);
    o->engine.env = r.env;
    o->engine.dirs = r.dirs;
    o->engine.preloads = r.preloads;
    o->lines.moves = r.moves;
    o->own.items = r.own;
    if (!r.env || !r.dirs || !r.preloads || !r.moves || !r.own || !o->opaque_modules || !o->allocs || !o->reports ||
        !o->limits || !o->selection.focus || !o->selection.ignore)
        return error_no_memory(err);
    if (!read_words(&r, own, argv))
        return false;
    if (o->help || o->version)
        return true;
    if (!options_pair_reports(o, r.format_count, r.path_count, err))
        return false;
    if (command == COMMAND_MERGE)
        return true;
    size_t module = o->runner; /* no argument of its own */
    return o->input && set_defaults(o, err) && set_guest_args(o, args + module, arg_count - module, err);
}

bool options_read(struct options *o, int argc, char **argv, struct error *err)
{
    return read_all(o, COMMAND_RUN, argc, argv, err);
}

bool options_read_analyze(struct options *o, int argc, char **argv, struct error *err)
{
    return read_all(o, COMMAND_ANALYZE, argc, argv, err);
}

bool options_read_merge(struct options *o, int argc, char **argv, struct error *err)
{
    return read_all(o, COMMAND_MERGE, argc, argv, err);
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
    free((void *)o->own.items);
    free(o->opaque_modules);
    free(o->allocs);
    free(o->limits);
    free(o->selection.focus);
    free(o->selection.ignore);
    *o = (struct options){0};
}
