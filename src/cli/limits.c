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
    static const char *const words[] = {
        [LIMIT_BYTES] = "bytes", [LIMIT_INSTANCES] = "instances", [LIMIT_PAIRS] = "pairs"};
    for (int i = LIMIT_BYTES; i <= LIMIT_PAIRS; i++)
        if (is_word(text, size, words[i])) {
            limit->measure = (enum limit_measure)i;
            return true;
        }
    return false;
}

/* A number, with % of bytes alone, with a letter for units of 1024 of them, too. */
static bool read_most(struct limit *limit, const char *text)
{
    static const char letters[] = "KMGT";
    char *end;
    if (!isdigit((unsigned char)*text))
        return false;
    limit->most = strtod(text, &end);
    if (strcmp(end, "%") == 0 && limit->measure == LIMIT_BYTES && limit->most <= 100) {
        limit->measure = LIMIT_SHARE;
        limit->most /= 100;
        return true;
    }
    const char *letter = *end ? strchr(letters, toupper((unsigned char)*end)) : NULL;
    if (letter && limit->measure == LIMIT_BYTES) {
        for (const char *c = letters; c <= letter; c++)
            limit->most *= 1024;
        end++;
    }
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
        return error_set(err, ERROR_USAGE, "--fail-on: '%.200s': behind the dot there may be bytes, instances or pairs",
                         text);
    limit->reached = text[size + 1] == '=';
    return read_most(limit, text + size + (limit->reached ? 2 : 1)) ||
           error_set(err, ERROR_USAGE, "--fail-on: '%.200s' needs a number behind the '>', such as 5%%, 1000 or 64K",
                     text);
}

bool limit_old_read(struct limit_old *old, const char *path, struct error *err)
{
    struct loaded_report file;
    bool ok = loaded_report_read(&file, path, err);
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

static uint64_t count_of(const struct report *r, unsigned kind, enum limit_measure measure)
{
    const struct report_class known = report_suppressed_sum(r, kind);
    uint64_t pairs = 0;
    if (measure == LIMIT_INSTANCES)
        return r->totals[kind].instances - known.instances;
    if (measure != LIMIT_PAIRS)
        return limit_bytes(r, kind);
    for (size_t i = 0; i < r->pair_count; i++)
        pairs += r->pairs[i].kind == kind;
    return pairs;
}

static bool is_exceeded(const struct limit *limit, const struct report *r)
{
    uint64_t count = 0;
    bool load = !limit->kinds[DEFECT_DEAD_STORE] && !limit->kinds[DEFECT_SILENT_STORE];
    for (unsigned kind = 0; kind < DEFECT_KINDS; kind++)
        count += limit->kinds[kind] ? count_of(r, kind, limit->measure) : 0;
    uint64_t whole = load ? r->bytes_loaded : r->bytes_stored;
    double value = limit->measure != LIMIT_SHARE ? (double)count : whole ? (double)count / (double)whole : 0;
    if (limit->reached ? value < limit->most : value <= limit->most)
        return false;
    char text[300];
    if (limit->measure == LIMIT_SHARE)
        snprintf(text, sizeof text, "%s: %.2f%% of the bytes %s (--fail-on '%.200s')", limit->kind, 100 * value,
                 load ? "loaded" : "stored", limit->text);
    else
        snprintf(text, sizeof text, "%s: %" PRIu64 " %s (--fail-on '%.200s')", limit->kind, count,
                 limit->measure == LIMIT_BYTES       ? "bytes"
                 : limit->measure == LIMIT_INSTANCES ? "instances"
                                                     : "pairs",
                 limit->text);
    message_limit(text);
    return true;
}

bool limits_exceeded(const struct limit *limits, size_t count, const struct limit_old *old, const struct report *r)
{
    bool exceeded = false;
    for (size_t i = 0; i < count; i++)
        if (is_exceeded(&limits[i], r))
            exceeded = true;
    for (unsigned kind = 0; old->path && kind < DEFECT_KINDS; kind++) {
        uint64_t bytes = count_of(r, kind, LIMIT_BYTES);
        if (bytes <= old->bytes[kind])
            continue;
        char text[4600];
        snprintf(text, sizeof text, "%s: %" PRIu64 " bytes, %" PRIu64 " in '%.4096s' (--fail-on-increase)",
                 kind_name(kind), bytes, old->bytes[kind], old->path);
        message_limit(text);
        exceeded = true;
    }
    return exceeded;
}
