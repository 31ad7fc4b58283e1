#include "cli/limits.h"

#include "cli/message.h"
#include "cli/report_load.h"
#include "render/names.h"
#include "report/suppress.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { KINDS = 5 };

/* Words for kinds; both kinds of silent loads have one together. */
static const struct {
    const char *name;
    bool kinds[DEFECT_KINDS];
} kind_words[KINDS] = {
    {"dead_store", {[DEFECT_DEAD_STORE] = true}},
    {"silent_store", {[DEFECT_SILENT_STORE] = true}},
    {"silent_load", {[DEFECT_SILENT_LOAD_AFTER_LOAD] = true, [DEFECT_SILENT_LOAD_AFTER_STORE] = true}},
    {"silent_load_after_load", {[DEFECT_SILENT_LOAD_AFTER_LOAD] = true}},
    {"silent_load_after_store", {[DEFECT_SILENT_LOAD_AFTER_STORE] = true}},
};

static bool is_word(const char *text, size_t size, const char *word)
{
    return strlen(word) == size && memcmp(text, word, size) == 0;
}

static bool read_kind(struct limit *limit, const char *text, size_t size)
{
    for (size_t i = 0; i < KINDS; i++)
        if (is_word(text, size, kind_words[i].name)) {
            limit->kind = kind_words[i].name;
            memcpy(limit->kinds, kind_words[i].kinds, sizeof limit->kinds);
            return true;
        }
    return false;
}

static bool read_measure(struct limit *limit, const char *text, size_t size)
{
    static const char *const words[] = {[LIMIT_BYTES] = "bytes",
                                        [LIMIT_INSTANCES] = "instances",
                                        [LIMIT_PAIRS] = "pairs",
                                        [LIMIT_RATE] = "per_million"};
    for (int i = LIMIT_BYTES; i <= LIMIT_RATE; i++)
        if (is_word(text, size, words[i])) {
            limit->measure = (enum limit_measure)i;
            return true;
        }
    return false;
}

/* What stands there as a number of bytes, with a letter for units of 1024; *end is behind it. */
static double read_bytes(const char *text, char **end)
{
    static const char letters[] = "KMGT";
    double value = strtod(text, end);
    const char *letter = **end ? strchr(letters, toupper((unsigned char)**end)) : NULL;
    for (const char *c = letters; letter && c <= letter; c++)
        value *= 1024;
    *end += letter != NULL;
    return value;
}

/* A number, with % of bytes alone, with a letter for units of 1024 of them, too. */
static bool read_most(struct limit *limit, const char *text)
{
    char *end;
    if (!isdigit((unsigned char)*text))
        return false;
    limit->most = strtod(text, &end);
    if (strcmp(end, "%") == 0 && limit->measure == LIMIT_BYTES && limit->most <= 100) {
        limit->measure = LIMIT_SHARE;
        limit->most /= 100;
        return true;
    }
    if (limit->measure == LIMIT_BYTES || limit->measure == LIMIT_RATE)
        limit->most = read_bytes(text, &end);
    return !*end;
}

bool limit_read(struct limit *limit, const char *text, struct error *err)
{
    *limit = (struct limit){.text = text, .measure = LIMIT_BYTES};
    size_t size = strcspn(text, ">"), kind = strcspn(text, ".>");
    if (!text[size] || !read_kind(limit, text, kind))
        return error_set(
            err, ERROR_USAGE,
            "--fail-on: '%.200s' does not start with a kind and '>': dead_store, silent_store, silent_load, "
            "silent_load_after_load or silent_load_after_store",
            text);
    if (kind < size && !read_measure(limit, text + kind + 1, size - kind - 1))
        return error_set(err, ERROR_USAGE,
                         "--fail-on: '%.200s': behind the dot there may be bytes, instances, pairs or per_million",
                         text);
    limit->reached = text[size + 1] == '=';
    return read_most(limit, text + size + (limit->reached ? 2 : 1)) ||
           error_set(err, ERROR_USAGE, "--fail-on: '%.200s' needs a number behind the '>', such as 5%%, 1000 or 64K",
                     text);
}

bool tolerance_read(struct tolerance *tolerance, const char *text, struct error *err)
{
    char *end;
    const char *at = text;
    bool good = isdigit((unsigned char)*at);
    double number = good ? strtod(at, &end) : 0;
    if (good && *end == '%') {
        tolerance->share = number / 100;
        at = end + 1;
        if (!*at)
            return true;
        good = *at == ',' && isdigit((unsigned char)at[1]);
        at++;
    }
    number = good ? read_bytes(at, &end) : 0;
    if (!good || *end || number > 1e18)
        return error_set(err, ERROR_USAGE, "--tolerance: '%.200s' is not like 1%%, 64K or 1%%,64K", text);
    tolerance->floor = (uint64_t)number;
    return true;
}

bool limit_old_read(struct limit_old *old, const char *path, struct error *err)
{
    struct loaded_report file;
    bool ok = loaded_report_read(&file, path, NULL, err);
    *old = (struct limit_old){.path = path};
    for (unsigned kind = 0; ok && kind < DEFECT_KINDS; kind++)
        old->bytes[kind] = limit_bytes(&file.report, kind);
    loaded_report_release(&file);
    return ok;
}

uint64_t limit_bytes(const struct report *r, unsigned kind)
{
    uint64_t known = report_suppressed_sum(r, kind).bytes, all = r->totals[kind].bytes;
    return all > known ? all - known : 0;
}

static uint64_t without(uint64_t all, uint64_t some)
{
    return all > some ? all - some : 0;
}

/* Without the small pairs, if a tolerance is given. */
static uint64_t count_of(const struct report *r, unsigned kind, enum limit_measure measure,
                         const struct tolerance *tolerance)
{
    const struct report_class known = report_suppressed_sum(r, kind);
    const struct report_class small = tolerance ? tolerance_small(tolerance, r, kind) : (struct report_class){0};
    uint64_t pairs = 0;
    if (measure == LIMIT_INSTANCES)
        return without(r->totals[kind].instances - known.instances, small.instances);
    if (measure != LIMIT_PAIRS)
        return without(limit_bytes(r, kind), small.bytes);
    for (size_t i = 0; i < r->pair_count; i++)
        pairs += r->pairs[i].kind == kind;
    return pairs - small.pairs;
}

static bool is_exceeded(const struct limit *limit, const struct report *r, const struct tolerance *tolerance)
{
    uint64_t count = 0;
    bool load = !limit->kinds[DEFECT_DEAD_STORE] && !limit->kinds[DEFECT_SILENT_STORE];
    for (unsigned kind = 0; kind < DEFECT_KINDS; kind++)
        count += limit->kinds[kind] ? count_of(r, kind, limit->measure, tolerance) : 0;
    uint64_t whole = load ? r->bytes_loaded : r->bytes_stored;
    double value = (double)count;
    if (limit->measure == LIMIT_RATE)
        value = report_per_million(r, count);
    else if (limit->measure == LIMIT_SHARE)
        value = whole ? value / (double)whole : 0;
    if (limit->reached ? value < limit->most : value <= limit->most)
        return false;
    char text[300];
    if (limit->measure == LIMIT_SHARE)
        snprintf(text, sizeof text, "%s: %.2f%% of the bytes %s (--fail-on '%.200s')", limit->kind, 100 * value,
                 load ? "loaded" : "stored", limit->text);
    else if (limit->measure == LIMIT_RATE)
        snprintf(text, sizeof text, "%s: %.6g bytes in a million accesses (--fail-on '%.200s')", limit->kind, value,
                 limit->text);
    else
        snprintf(text, sizeof text, "%s: %" PRIu64 " %s (--fail-on '%.200s')", limit->kind, count,
                 limit->measure == LIMIT_BYTES       ? "bytes"
                 : limit->measure == LIMIT_INSTANCES ? "instances"
                                                     : "pairs",
                 limit->text);
    message_limit(text);
    return true;
}

bool limits_exceeded(const struct limit *limits, size_t count, const struct limit_old *old,
                     const struct tolerance *tolerance, bool only_new, const struct report *r)
{
    bool exceeded = false;
    for (size_t i = 0; i < count; i++)
        if (is_exceeded(&limits[i], r, only_new ? tolerance : NULL))
            exceeded = true;
    for (unsigned kind = 0; old->path && kind < DEFECT_KINDS; kind++) {
        uint64_t bytes = limit_bytes(r, kind);
        if (!tolerance_exceeded(tolerance, old->bytes[kind], bytes))
            continue;
        char text[4600];
        snprintf(text, sizeof text, "%s: %" PRIu64 " bytes, %" PRIu64 " in '%.4096s' (--fail-on-increase)",
                 kind_name(kind), bytes, old->bytes[kind], old->path);
        message_limit(text);
        exceeded = true;
    }
    return exceeded;
}
