/* mem-tracer diff [--format text|json] [--fail-on LIMIT] [--fail-on-increase] [--tolerance T] OLD.json NEW.json */
#include "cli/commands.h"
#include "cli/limits.h"
#include "cli/message.h"
#include "cli/options.h"
#include "cli/report_load.h"
#include "cli/words.h"
#include "render/json_parts.h"
#include "render/names.h"
#include "render/number.h"
#include "render/summary_parts.h"
#include "report/matching.h"

#include <getopt.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { SHOWN = 10 }; /* pairs of each change, in the text */

static const char help[] =
    "Usage: mem-tracer diff [--format text|json] [--fail-on LIMIT] [--fail-on-increase] [--tolerance T]\n"
    "                       OLD.json NEW.json\n"
    "\n"
    "Compares two reports of --format json: what appeared, grew, shrank and is gone. Pairs are matched by kind,\n"
    "function (name and file) and line; lines may have moved. Exit status 3: --fail-on-increase, if a kind has more\n"
    "bytes than before, without what either report has suppressed, by more than --tolerance allows (1%, 64K or\n"
    "1%,64K; default: 64 bytes); --fail-on 'dead_store>5%', if the new report exceeds the limit (mem-tracer --help).\n";

enum change_kind { APPEARED, GREW, SHRANK, GONE, SAME, CHANGE_KINDS };
static const char *const change_names[] = {"appeared", "grew", "shrank", "gone", "same"};

struct change {
    const struct match_pair *old, *new; /* NULL: not there */
    enum change_kind kind;
};

struct diff {
    struct loaded_report old, new;
    struct matching matching;
    struct functions *functions; /* of the new report, by which those of one name are told apart */
    struct functions *old_functions;
    struct change *changes;
    size_t count;
};

static uint64_t size(const struct change *c)
{
    uint64_t old = c->old ? c->old->bytes : 0, new = c->new ? c->new->bytes : 0;
    return old > new ? old - new : new - old;
}

/* By change, the largest difference first. */
static int compare_changes(const void *a, const void *b)
{
    const struct change *x = a, *y = b;
    if (x->kind != y->kind)
        return x->kind < y->kind ? -1 : 1;
    if (size(x) != size(y))
        return size(x) > size(y) ? -1 : 1;
    return match_compare_shown(x->new ? x->new : x->old, y->new ? y->new : y->old);
}

static void classify(struct diff *d)
{
    for (size_t i = 0; i < d->count; i++) {
        struct change *c = &d->changes[i];
        if (!c->old || !c->new)
            c->kind = c->new ? APPEARED : GONE;
        else
            c->kind = c->new->bytes == c->old->bytes ? SAME : c->new->bytes > c->old->bytes ? GREW : SHRANK;
    }
    qsort(d->changes, d->count, sizeof *d->changes, compare_changes);
}

static bool compare(struct diff *d, struct error *err)
{
    bool ok = matching_make(&d->matching, &d->old.report, &d->new.report);
    d->count = d->matching.count;
    d->changes = ok ? calloc(d->count + 1, sizeof *d->changes) : NULL;
    d->old_functions = functions_of(&d->old.report);
    d->functions = functions_of(&d->new.report);
    if (!d->changes || !d->functions || !d->old_functions) {
        error_no_memory(err);
        return false;
    }
    for (size_t i = 0; i < d->count; i++)
        d->changes[i] = (struct change){.old = d->matching.matches[i].old, .new = d->matching.matches[i].new};
    classify(d);
    return true;
}

static const struct kind_words *words_of(unsigned kind)
{
    unsigned i = 0;
    while (summary_kinds[i].kind != match_kinds[kind])
        i++;
    return &summary_kinds[i];
}

/* By how much something changed, in percent of what it was; nothing where it was not there. */
static void put_percent(struct output *out, uint64_t old, uint64_t new)
{
    char text[32] = "";
    double change = old ? 100 * ((double)new - (double)old) / (double)old : 0;
    if (old && new != old)
        snprintf(text, sizeof text, change >= 1000 ? "%+.0f%%" : "%+.1f%%", change);
    output_printf(out, "%10s", text);
}

static const struct report_total *total_of(const struct loaded_report *r, unsigned i)
{
    return &r->report.totals[match_kinds[i]];
}

static void put_totals_text(struct output *out, const struct diff *d)
{
    output_printf(out, "%-20s%12s%12s%10s   %s\n", "", "before", "now", "", "share of the bytes");
    for (unsigned i = 0; i < DEFECT_KINDS; i++) {
        char old[NUMBER_SIZE], new[NUMBER_SIZE], old_share[NUMBER_SIZE], new_share[NUMBER_SIZE];
        const struct report_total *before = total_of(&d->old, i), *now = total_of(&d->new, i);
        number_bytes(old, before->bytes);
        number_bytes(new, now->bytes);
        number_share(old_share, before->share);
        number_share(new_share, now->share);
        output_printf(out, "%-20s%12s%12s", words_of(i)->plural, old, new);
        put_percent(out, before->bytes, now->bytes);
        output_printf(out, "   %s -> %s of %s\n", old_share, new_share, words_of(i)->of);
    }
}

static void put_side(struct output *out, struct functions *functions, const struct match_side *s)
{
    if (s->file && s->line) {
        const struct function there = {s->function.name, s->file, UINT32_MAX};
        output_name(out, s->shown);
        output_printf(out, " (%s:%" PRIu32 ")", functions_tail(functions, &there), s->line);
        return;
    }
    const char *label = functions_label(functions, s->shown, &s->function);
    output_name(out, label ? label : s->shown);
}

static void put_change(struct output *out, const struct diff *d, const struct change *c)
{
    const struct match_pair *p = c->new ? c->new : c->old;
    struct functions *functions = c->new ? d->functions : d->old_functions;
    if (!p) /* each has a side */
        return;
    uint64_t old = c->old ? c->old->bytes : 0, new = c->new ? c->new->bytes : 0;
    char bytes[NUMBER_SIZE], text[NUMBER_SIZE + 1];
    number_bytes(bytes, size(c));
    snprintf(text, sizeof text, "%c%s", new > old ? '+' : '-', bytes);
    output_printf(out, "%13s", text);
    put_percent(out, c->new ? old : 0, new);
    output_printf(out, "  %-19s ", words_of(p->kind)->singular);
    put_side(out, functions, &p->first);
    if (p->first.line && p->first.line == p->second.line && p->first.number == p->second.number) {
        output_text(out, ", the same line again\n");
        return;
    }
    output_text(out, " -> ");
    put_side(out, functions, &p->second);
    output_text(out, "\n");
}

static void put_text(struct output *out, const struct diff *d)
{
    put_totals_text(out, d);
    size_t i = 0;
    for (unsigned kind = 0; kind < SAME; kind++) {
        size_t end = i;
        while (end < d->count && d->changes[end].kind == kind)
            end++;
        if (end > i)
            output_printf(out, "\n%s (%zu pair%s):\n", change_names[kind], end - i, end - i == 1 ? "" : "s");
        for (size_t k = i; k < end && k < i + SHOWN; k++)
            put_change(out, d, &d->changes[k]);
        if (end > i + SHOWN)
            output_printf(out, "%13s and %zu more, which --format json lists\n", "", end - i - SHOWN);
        i = end;
    }
    output_printf(out, "\n%zu pairs have as many bytes as before\n", d->count - i);
}

static void put_json_side(struct output *out, const char *key, const struct match_side *s)
{
    output_printf(out, ", \"%s\": {\"function\": ", key);
    json_put_string(out, s->shown);
    if (s->function.file && (!s->file || strcmp(s->function.file, s->file) != 0)) {
        output_text(out, ", \"function_file\": ");
        json_put_string(out, s->function.file);
    }
    output_text(out, ", \"file\": ");
    json_put_string(out, s->file);
    output_printf(out, s->line ? ", \"line\": %" PRIu32 "}" : ", \"line\": null}", s->line);
}

static void put_json_counts(struct output *out, const char *key, const struct match_pair *p)
{
    output_printf(out, ", \"%s\": {\"instances\": %" PRIu64 ", \"bytes\": %" PRIu64 "}", key, p ? p->instances : 0,
                  p ? p->bytes : 0);
}

static void put_json(struct output *out, const struct diff *d)
{
    output_text(out, "{\n  \"schema\": \"mem-tracer.diff\", \"version\": 1,\n  \"totals\": {");
    for (unsigned i = 0; i < DEFECT_KINDS; i++)
        output_printf(out, "%s\"%s\": {\"old\": %" PRIu64 ", \"new\": %" PRIu64 "}", i ? ", " : "",
                      kind_name(match_kinds[i]), total_of(&d->old, i)->bytes, total_of(&d->new, i)->bytes);
    output_text(out, "},\n  \"pairs\": [");
    for (size_t i = 0; i < d->count; i++) {
        const struct change *c = &d->changes[i];
        const struct match_pair *p = c->new ? c->new : c->old;
        output_printf(out, "%s\n    {\"change\": \"%s\", \"kind\": \"%s\"", i ? "," : "", change_names[c->kind],
                      kind_name(match_kinds[p->kind]));
        put_json_side(out, "first", &p->first);
        put_json_side(out, "second", &p->second);
        put_json_counts(out, "old", c->old);
        put_json_counts(out, "new", c->new);
        output_text(out, "}");
    }
    output_text(out, "\n  ]\n}\n");
}

/* What was asked for. */
struct wish {
    const char *old, *new;
    bool json, fail_on_increase;
    struct limit *limits; /* owned */
    size_t limit_count;
    struct tolerance tolerance;
};

/* Limits are about the new report. */
static bool check_limits(const struct wish *w, const struct diff *d)
{
    const struct limit_old none = {0};
    bool worse = limits_exceeded(w->limits, w->limit_count, &none, &w->tolerance, false, &d->new.report);
    for (unsigned kind = 0; w->fail_on_increase && kind < DEFECT_KINDS; kind++)
        worse = worse ||
                tolerance_exceeded(&w->tolerance, limit_bytes(&d->old.report, kind), limit_bytes(&d->new.report, kind));
    return worse;
}

static int run(const struct wish *w)
{
    struct diff d = {.count = 0};
    struct error err = ERROR_INIT;
    bool ok = loaded_report_read(&d.old, w->old, NULL, &err) && loaded_report_read(&d.new, w->new, NULL, &err) &&
              compare(&d, &err);
    bool worse = false;
    if (ok) {
        struct output out;
        output_init(&out, stdout, NULL);
        (w->json ? put_json : put_text)(&out, &d);
        ok = output_finish(&out, &err);
        worse = ok && check_limits(w, &d);
    }
    if (!ok)
        message_error(NULL, &err);
    free(d.changes);
    functions_free(d.functions);
    functions_free(d.old_functions);
    matching_release(&d.matching);
    loaded_report_release(&d.old);
    loaded_report_release(&d.new);
    return !ok ? STATUS_FAILURE : worse ? STATUS_WORSE : 0;
}

/* STATUS_USAGE, or 0 and *w; -1 where help is wanted. */
static int read_words(struct wish *w, int argc, char **argv)
{
    static const struct option options[] = {{"format", required_argument, NULL, 'F'},
                                            {"fail-on", required_argument, NULL, 'L'},
                                            {"fail-on-increase", no_argument, NULL, 'I'},
                                            {"tolerance", required_argument, NULL, 'T'},
                                            {"help", no_argument, NULL, 'h'},
                                            {0}};
    static const char *const formats[] = {"text", "json", NULL};
    struct error err = ERROR_INIT;
    int option, format = 0;
    optind = 0;
    opterr = 0;
    while ((option = getopt_long(argc, argv, ":h", options, NULL)) != -1) {
        if (option == 'h')
            return -1;
        if (option == 'I') {
            w->fail_on_increase = true;
        } else if (option == 'L') {
            if (!limit_read(&w->limits[w->limit_count++], optarg, &err))
                return command_usage("diff", err.message, "");
        } else if (option == 'T') {
            if (!tolerance_read(&w->tolerance, optarg, &err))
                return command_usage("diff", err.message, "");
        } else if (option != 'F') {
            return command_usage("diff", "unknown or incomplete option ", argv[optind - 1]);
        } else if (!words_choose("format", optarg, formats, &format, &err)) {
            return command_usage("diff", err.message, "");
        }
    }
    if (optind + 2 != argc)
        return command_usage("diff", "diff takes two reports, the old and the new one", "");
    w->json = format == 1;
    w->old = argv[optind];
    w->new = argv[optind + 1];
    return 0;
}

int cmd_diff(int argc, char **argv)
{
    struct wish w = {.tolerance.floor = TOLERANCE_FLOOR, .limits = calloc((size_t)argc, sizeof *w.limits)};
    struct error err = ERROR_INIT;
    if (!w.limits) {
        error_no_memory(&err);
        message_error(NULL, &err);
        return STATUS_FAILURE;
    }
    int status = read_words(&w, argc, argv);
    status = status < 0 ? command_print(help) : status ? status : run(&w);
    free(w.limits);
    return status;
}
