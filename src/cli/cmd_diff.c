/* mem-tracer diff [OPTIONS] OLD.json NEW.json */
#include "cli/commands.h"
#include "cli/limits.h"
#include "cli/message.h"
#include "cli/options.h"
#include "cli/report_load.h"
#include "cli/selection.h"
#include "cli/words.h"
#include "render/diff.h"

#include <getopt.h>
#include <stdlib.h>
#include <string.h>

static const char help[] =
    "Usage: mem-tracer diff [OPTIONS] OLD.json NEW.json\n"
    "\n"
    "Compares two reports of --format json: what appeared, grew, shrank and is gone, the largest change first.\n"
    "Pairs are matched by kind, function (name and file) and line; lines may have moved.\n"
    "\n"
    "  --format FORMAT       text (default), json, csv or html\n"
    "  --by pair|line|function|object\n"
    "                        what is listed: pairs, or all that is wasted on a line, in a function or in an object\n"
    "                        (both reports made with --objects)\n"
    "  --sort bytes|effect|instances, --top N\n"
    "                        by whose change the list is sorted, and how long it is\n"
    "  --only KIND, --focus PATTERN, --ignore PATTERN\n"
    "                        which pairs count in the list, as for a run (mem-tracer --help)\n"
    "  --own GLOB, --not-own GLOB\n"
    "                        source files that are taken for your own code, or not, in both reports\n"
    "  --fail-on LIMIT       exit status 3 if the new report exceeds it, as 'dead_store>5%'\n"
    "  --fail-on-increase    exit status 3 if a kind has more bytes than before, without what either report has\n"
    "                        suppressed, by more than is tolerated\n"
    "  --tolerance T         how much that is: 1%, 64K or 1%,64K; default: 64 bytes\n";

/* What was asked for. */
struct wish {
    const char *old, *new;
    void (*render)(struct output *out, const struct report_diff *d);
    bool fail_on_increase;
    struct report_selection selection; /* its arrays are owned */
    struct limit *limits;              /* owned */
    size_t limit_count;
    struct own_rule *rules; /* owned */
    size_t rule_count;
    struct tolerance tolerance;
};

/* Limits are about the new report. */
static bool check_limits(const struct wish *w, const struct report *old, const struct report *new)
{
    const struct limit_old none = {0};
    bool worse = limits_exceeded(w->limits, w->limit_count, &none, &w->tolerance, false, new);
    for (unsigned kind = 0; w->fail_on_increase && kind < DEFECT_KINDS; kind++)
        worse = worse || tolerance_exceeded(&w->tolerance, limit_bytes(old, kind), limit_bytes(new, kind));
    return worse;
}

static int run(const struct wish *w)
{
    struct loaded_report old = {0}, new = {0};
    struct report_diff diff = {.old = NULL};
    struct error err = ERROR_INIT;
    bool worse = false;
    const struct own_rules own = {w->rules, w->rule_count};
    bool ok = loaded_report_read(&old, w->old, &own, &err) && loaded_report_read(&new, w->new, &own, &err);
    if (ok && w->selection.by == SELECT_BY_OBJECT && !(old.report.by_object && new.report.by_object))
        ok = error_set(&err, ERROR_IO,
                       "'%.1000s' knows of no objects: --by object compares reports that were made with --objects",
                       old.report.by_object ? w->new : w->old);
    if (ok) {
        worse = check_limits(w, &old.report, &new.report);
        ok = report_diff_make(&diff, &old.report, &new.report, &w->selection) || error_no_memory(&err);
    }
    if (ok) {
        struct output out;
        output_init(&out, stdout, NULL);
        out.columns = terminal_columns(stdout);
        w->render(&out, &diff);
        ok = output_finish(&out, &err);
    }
    if (!ok)
        message_error(NULL, &err);
    report_diff_release(&diff);
    loaded_report_release(&old);
    loaded_report_release(&new);
    return !ok ? STATUS_FAILURE : worse ? STATUS_WORSE : 0;
}

/* What of a report's options makes sense for a difference. */
static bool read_selection(struct wish *w, const char *option, const char *word, struct error *err)
{
    static const char *const sorts[] = {"bytes", "effect", "instances", NULL}, *const groups[] = {"pair", "line",
                                                                                                  "function", "object",
                                                                                                  NULL};
    int choice;
    if (strcmp(option, "sort") == 0 && !words_choose(option, word, sorts, &choice, err))
        return false;
    if (strcmp(option, "by") == 0 && !words_choose(option, word, groups, &choice, err))
        return false;
    return selection_read(&w->selection, option, word, err);
}

static bool read_format(struct wish *w, const char *word, struct error *err)
{
    static const char *const formats[] = {"text", "json", "csv", "html", NULL};
    static void (*const renders[])(struct output *out, const struct report_diff *d) = {
        render_diff_text, render_diff_json, render_diff_csv, render_diff_html};
    int format = 0;
    if (!words_choose("format", word, formats, &format, err))
        return false;
    w->render = renders[format];
    return true;
}

static bool take(struct wish *w, int option, const char *name, const char *word, struct error *err)
{
    switch (option) {
    case 'I':
        w->fail_on_increase = true;
        return true;
    case 'L':
        return limit_read(&w->limits[w->limit_count++], word, err);
    case 'T':
        return tolerance_read(&w->tolerance, word, err);
    case 'O':
    case 'N':
        w->rules[w->rule_count++] = (struct own_rule){word, option == 'O'};
        return true;
    case 'F':
        return read_format(w, word, err);
    default:
        return read_selection(w, name, word, err);
    }
}

/* STATUS_USAGE, or 0 and *w; -1 where help is wanted. */
static int read_words(struct wish *w, int argc, char **argv)
{
    static const struct option options[] = {{"format", required_argument, NULL, 'F'},
                                            {"by", required_argument, NULL, 'S'},
                                            {"sort", required_argument, NULL, 'S'},
                                            {"top", required_argument, NULL, 'S'},
                                            {"only", required_argument, NULL, 'S'},
                                            {"focus", required_argument, NULL, 'S'},
                                            {"ignore", required_argument, NULL, 'S'},
                                            {"own", required_argument, NULL, 'O'},
                                            {"not-own", required_argument, NULL, 'N'},
                                            {"fail-on", required_argument, NULL, 'L'},
                                            {"fail-on-increase", no_argument, NULL, 'I'},
                                            {"tolerance", required_argument, NULL, 'T'},
                                            {"help", no_argument, NULL, 'h'},
                                            {0}};
    struct error err = ERROR_INIT;
    int option, index = 0;
    optind = 0;
    opterr = 0;
    while ((option = getopt_long(argc, argv, ":h", options, &index)) != -1) {
        if (option == 'h')
            return -1;
        if (option == '?' || option == ':')
            return command_usage("diff", "unknown or incomplete option ", argv[optind - 1]);
        if (!take(w, option, options[index].name, optarg, &err))
            return command_usage("diff", err.message, "");
    }
    if (optind + 2 != argc)
        return command_usage("diff", "diff takes two reports, the old and the new one", "");
    w->old = argv[optind];
    w->new = argv[optind + 1];
    return 0;
}

int cmd_diff(int argc, char **argv)
{
    const size_t count = (size_t)argc;
    struct wish w = {.tolerance.floor = TOLERANCE_FLOOR,
                     .render = render_diff_text,
                     .limits = calloc(count, sizeof *w.limits),
                     .rules = calloc(count, sizeof *w.rules),
                     .selection = {.focus = calloc(count, sizeof(char *)), .ignore = calloc(count, sizeof(char *))}};
    struct error err = ERROR_INIT;
    int status = STATUS_FAILURE;
    if (!w.limits || !w.rules || !w.selection.focus || !w.selection.ignore) {
        error_no_memory(&err);
        message_error(NULL, &err);
    } else {
        status = read_words(&w, argc, argv);
        status = status < 0 ? command_print(help) : status ? status : run(&w);
    }
    free(w.limits);
    free(w.rules);
    free(w.selection.focus);
    free(w.selection.ignore);
    return status;
}
