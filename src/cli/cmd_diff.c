/* mem-tracer diff [--format text|json] [--fail-on LIMIT] [--fail-on-increase] OLD.json NEW.json */
#include "cli/commands.h"
#include "cli/limits.h"
#include "cli/matching.h"
#include "cli/message.h"
#include "cli/options.h"
#include "cli/report_file.h"
#include "cli/report_load.h"
#include "render/json_parts.h"
#include "render/names.h"
#include "render/number.h"
#include "render/summary_parts.h"

#include <getopt.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { SHOWN = 10 }; /* pairs of each change, in the text */

static const char help[] =
    "Usage: mem-tracer diff [--format text|json] [--fail-on LIMIT] [--fail-on-increase] OLD.json NEW.json\n"
    "\n"
    "Compares two reports of --format json: what appeared, grew, shrank and is gone. Pairs are matched by kind,\n"
    "function and line; lines may have moved. Exit status 3: --fail-on-increase, if a kind has more bytes than\n"
    "before; --fail-on 'dead_store>5%', if the new report exceeds the limit (mem-tracer --help).\n";

enum change_kind { APPEARED, GREW, SHRANK, GONE, SAME, CHANGE_KINDS };
static const char *const change_names[] = {"appeared", "grew", "shrank", "gone", "same"};

struct change {
    const struct file_pair *old, *new; /* NULL: not there */
    enum change_kind kind;
};

struct diff {
    struct report_file old, new;
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
    return report_file_compare(x->new ? x->new : x->old, y->new ? y->new : y->old);
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
    struct match *matches = NULL;
    bool ok = match_pairs(&d->old, &d->new, &matches, &d->count);
    d->changes = ok ? calloc(d->count + 1, sizeof *d->changes) : NULL;
    for (size_t i = 0; d->changes && i < d->count; i++)
        d->changes[i] = (struct change){.old = matches[i].old, .new = matches[i].new};
    free(matches);
    if (!d->changes) {
        error_no_memory(err);
        return false;
    }
    classify(d);
    return true;
}

static const struct kind_words *words_of(unsigned kind)
{
    unsigned i = 0;
    while (summary_kinds[i].kind != report_file_kinds[kind])
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

static void put_totals_text(struct output *out, const struct diff *d)
{
    output_printf(out, "%-20s%12s%12s%10s   %s\n", "", "before", "now", "", "share of the bytes");
    for (unsigned i = 0; i < DEFECT_KINDS; i++) {
        char old[NUMBER_SIZE], new[NUMBER_SIZE], old_share[NUMBER_SIZE], new_share[NUMBER_SIZE];
        number_bytes(old, d->old.bytes[i]);
        number_bytes(new, d->new.bytes[i]);
        number_share(old_share, d->old.share[i]);
        number_share(new_share, d->new.share[i]);
        output_printf(out, "%-20s%12s%12s", words_of(i)->plural, old, new);
        put_percent(out, d->old.bytes[i], d->new.bytes[i]);
        output_printf(out, "   %s -> %s of %s\n", old_share, new_share, words_of(i)->of);
    }
}

static void put_side(struct output *out, const struct file_side *s)
{
    const char *slash = s->file ? strrchr(s->file, '/') : NULL;
    output_text(out, s->function);
    if (s->file && s->line)
        output_printf(out, " (%s:%" PRIu32 ")", slash ? slash + 1 : s->file, s->line);
}

static void put_change(struct output *out, const struct change *c)
{
    const struct file_pair *p = c->new ? c->new : c->old;
    if (!p) /* each has a side */
        return;
    uint64_t old = c->old ? c->old->bytes : 0, new = c->new ? c->new->bytes : 0;
    char bytes[NUMBER_SIZE], text[NUMBER_SIZE + 1];
    number_bytes(bytes, size(c));
    snprintf(text, sizeof text, "%c%s", new > old ? '+' : '-', bytes);
    output_printf(out, "%13s", text);
    put_percent(out, c->new ? old : 0, new);
    output_printf(out, "  %-19s ", words_of(p->kind)->singular);
    put_side(out, &p->first);
    if (p->first.line && p->first.line == p->second.line && strcmp(p->first.function, p->second.function) == 0) {
        output_text(out, ", the same line again\n");
        return;
    }
    output_text(out, " -> ");
    put_side(out, &p->second);
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
            put_change(out, &d->changes[k]);
        if (end > i + SHOWN)
            output_printf(out, "%13s and %zu more, which --format json lists\n", "", end - i - SHOWN);
        i = end;
    }
    output_printf(out, "\n%zu pairs have as many bytes as before\n", d->count - i);
}

static void put_json_side(struct output *out, const char *key, const struct file_side *s)
{
    output_printf(out, ", \"%s\": {\"function\": ", key);
    json_put_string(out, s->function);
    output_text(out, ", \"file\": ");
    json_put_string(out, s->file);
    output_printf(out, s->line ? ", \"line\": %" PRIu32 "}" : ", \"line\": null}", s->line);
}

static void put_json_counts(struct output *out, const char *key, const struct file_pair *p)
{
    output_printf(out, ", \"%s\": {\"instances\": %" PRIu64 ", \"bytes\": %" PRIu64 "}", key, p ? p->instances : 0,
                  p ? p->bytes : 0);
}

static void put_json(struct output *out, const struct diff *d)
{
    output_text(out, "{\n  \"schema\": \"mem-tracer.diff\", \"version\": 1,\n  \"totals\": {");
    for (unsigned i = 0; i < DEFECT_KINDS; i++)
        output_printf(out, "%s\"%s\": {\"old\": %" PRIu64 ", \"new\": %" PRIu64 "}", i ? ", " : "",
                      kind_name(report_file_kinds[i]), d->old.bytes[i], d->new.bytes[i]);
    output_text(out, "},\n  \"pairs\": [");
    for (size_t i = 0; i < d->count; i++) {
        const struct change *c = &d->changes[i];
        const struct file_pair *p = c->new ? c->new : c->old;
        output_printf(out, "%s\n    {\"change\": \"%s\", \"kind\": \"%s\"", i ? "," : "", change_names[c->kind],
                      kind_name(report_file_kinds[p->kind]));
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
};

/* Limits are about the new report. */
static bool check_limits(const struct wish *w, bool *worse, struct error *err)
{
    const struct limit_old none = {0};
    struct report_loader loader;
    struct report new = {0};
    if (!w->limit_count)
        return true;
    bool ok = report_loader_open(&loader, NULL, 0, err) && report_load(&loader, w->new, &new, err);
    if (ok)
        *worse = limits_exceeded(w->limits, w->limit_count, &none, &new);
    report_release(&new);
    report_loader_release(&loader);
    return ok;
}

static int run(const struct wish *w)
{
    struct diff d = {.count = 0};
    struct error err = ERROR_INIT;
    bool ok = report_file_read(&d.old, w->old, &err) && report_file_read(&d.new, w->new, &err) && compare(&d, &err);
    bool worse = false;
    if (ok) {
        struct output out;
        output_init(&out, stdout, NULL);
        (w->json ? put_json : put_text)(&out, &d);
        ok = output_finish(&out, &err) && check_limits(w, &worse, &err);
        for (unsigned i = 0; w->fail_on_increase && i < DEFECT_KINDS; i++)
            worse = worse || d.new.bytes[i] > d.old.bytes[i];
    }
    if (!ok)
        message_error(NULL, &err);
    free(d.changes);
    report_file_release(&d.old);
    report_file_release(&d.new);
    return !ok ? STATUS_FAILURE : worse ? STATUS_WORSE : 0;
}

/* STATUS_USAGE, or 0 and *w; -1 where help is wanted. */
static int read_words(struct wish *w, int argc, char **argv)
{
    static const struct option options[] = {{"format", required_argument, NULL, 'F'},
                                            {"fail-on", required_argument, NULL, 'L'},
                                            {"fail-on-increase", no_argument, NULL, 'I'},
                                            {"help", no_argument, NULL, 'h'},
                                            {0}};
    struct error err = ERROR_INIT;
    int option;
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
        } else if (option != 'F') {
            return command_usage("diff", "unknown or incomplete option ", argv[optind - 1]);
        } else if (strcmp(optarg, "text") != 0 && strcmp(optarg, "json") != 0) {
            return command_usage("diff", "--format: unknown word ", optarg);
        } else {
            w->json = strcmp(optarg, "json") == 0;
        }
    }
    if (optind + 2 != argc)
        return command_usage("diff", "diff takes two reports, the old and the new one", "");
    w->old = argv[optind];
    w->new = argv[optind + 1];
    return 0;
}

int cmd_diff(int argc, char **argv)
{
    struct wish w = {.limits = calloc((size_t)argc, sizeof *w.limits)};
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
