#include "report/distance.h"

#include "report/build.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

const char *report_span_name(unsigned span)
{
    static const char *const names[DISTANCE_SPANS] = {
        [SPAN_ROUND] = "same_round", [SPAN_BETWEEN] = "between_rounds", [SPAN_FAR] = "far"};
    return names[span];
}

const char *report_bucket_name(unsigned bucket)
{
    static const char *const names[DISTANCE_BUCKETS] = {"0-9",         "10-99",         "100-999", "1000-9999",
                                                        "10000-99999", "100000-999999", "1000000-"};
    return names[bucket];
}

static bool is_load(unsigned kind)
{
    return kind == DEFECT_SILENT_LOAD_AFTER_LOAD || kind == DEFECT_SILENT_LOAD_AFTER_STORE;
}

static unsigned largest(const uint64_t *numbers, unsigned count)
{
    unsigned best = 0;
    for (unsigned i = 1; i < count; i++)
        best = numbers[i] > numbers[best] ? i : best;
    return best;
}

unsigned report_distance_bucket(const struct report_distance *d)
{
    return largest(d->sums.buckets, DISTANCE_BUCKETS);
}

bool report_distance_measured(const struct report_distance *d)
{
    uint64_t bytes = 0;
    for (unsigned i = 0; i < DISTANCE_BUCKETS; i++)
        bytes += d->sums.buckets[i];
    return bytes > 0;
}

enum distance_span report_distance_span(const struct report_distance *d)
{
    return (enum distance_span)largest(d->sums.spans, DISTANCE_SPANS);
}

void report_distance_add(struct report_distance *to, const struct report_distance *from)
{
    to->exact = to->known == from->known ? to->exact && from->exact : false;
    to->known = to->known || from->known;
    for (unsigned i = 0; i < DISTANCE_BUCKETS; i++)
        to->sums.buckets[i] += from->sums.buckets[i];
    for (unsigned i = 0; i < DISTANCE_SPANS; i++)
        to->sums.spans[i] += from->sums.spans[i];
    to->sums.samples += from->sums.samples;
    if (from->sums.places > to->sums.places)
        to->sums.places = from->sums.places;
}

/* What the code of a redundant load says for nearly all of its instances.  A place that stands further ahead in the same code is read in the same
 * round; one that does not, by an instruction that does not go over memory, in an earlier one.  What goes over memory may do so in
 * few steps or many: nothing is said of it. */
static void estimate_by_code(struct build *b, const struct pair_count *from, struct report_pair *pair)
{
    if (!b->facts || !is_load(pair->kind) || !build_same_place(b, from))
        return;
    const struct site_facts *first = facts_find(b->facts, from->first), *second = facts_find(b->facts, from->second);
    if (first->loop != second->loop)
        return;
    bool forward = site_get(b->table, from->first)->file_off < site_get(b->table, from->second)->file_off;
    if (!forward && second->sweeps)
        return;
    pair->distance.known = true;
    pair->distance.sums.spans[forward ? SPAN_ROUND : SPAN_BETWEEN] = pair->bytes;
}

/* Few samples say less than the code, where that says something. */
enum { SAMPLES_SURE = 4 };

void estimate_distance(struct build *b, const struct pair_count *from, const struct pair_distance *sampled,
                       struct report_pair *pair)
{
    uint64_t samples = sampled ? sampled->samples : 0;
    if (samples < SAMPLES_SURE)
        estimate_by_code(b, from, pair);
    if (samples && !pair->distance.known)
        pair->distance = (struct report_distance){true, false, *sampled};
}

static bool advise(struct build *b, struct report_pair *pair, const char *text)
{
    pair->advice = strings_add(b->out->strings, text, strlen(text));
    return pair->advice != NULL;
}

/* The same where nobody knows how many bytes it goes over. */
static bool advise_far(struct build *b, struct report_pair *pair)
{
    static const char *const powers[DISTANCE_BUCKETS] = {
        "10", "100", "1,000", "10,000", "100,000", "a million", "more than a million"};
    char text[200];
    snprintf(text, sizeof text,
             "Scans memory again, up to %s accesses later, by samples: no register holds that. Do more with it in one "
             "pass, or in blocks.",
             powers[report_distance_bucket(&pair->distance)]);
    return advise(b, pair, text);
}

/* What goes over many addresses again: how many bytes, and how often. */
static bool advise_scan(struct build *b, struct report_pair *pair)
{
    const uint64_t places = pair->distance.sums.places;
    if (!places)
        return advise_far(b, pair);
    double bytes = (double)places * (double)pair->bytes / (double)pair->instances;
    char text[200], size[40];
    if (bytes < 1024)
        snprintf(size, sizeof size, "%.0f bytes", bytes);
    else if (bytes < 1024 * 1024)
        snprintf(size, sizeof size, "%.1f KiB", bytes / 1024);
    else
        snprintf(size, sizeof size, "%.1f MiB", bytes / (1024 * 1024));
    snprintf(text, sizeof text,
             "Scans about %s again and again, each of them %" PRIu64
             " times: no register holds that. Do more with it in "
             "one pass, or in blocks.",
             size, (pair->instances + places - 1) / places);
    return advise(b, pair, text);
}

bool build_distance_advice(struct build *b, struct report_pair *pair)
{
    if (pair->kind != DEFECT_SILENT_LOAD_AFTER_LOAD || !pair->distance.known || pair->marks)
        return true;
    enum distance_span span = report_distance_span(&pair->distance);
    if (span == SPAN_FAR && (pair->what == CLASS_NONE || pair->what == CLASS_LOOP_INVARIANT_LOAD))
        return advise_scan(b, pair);
    if (pair->what == CLASS_NONE)
        pair->advice = span == SPAN_ROUND
                           ? "Loaded twice within one round or call: keep it in a local."
                           : "The round or call before loaded it, too: keep it in a local, or hand it on.";
    return true;
}
