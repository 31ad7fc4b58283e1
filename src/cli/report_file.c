#include "cli/report_file.h"

#include "base/buf.h"
#include "base/infile.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

const char *const report_file_kinds[FILE_KINDS] = {"dead_store", "silent_store", "silent_load_after_load",
                                                   "silent_load_after_store"};

static int compare_numbers(uint64_t a, uint64_t b)
{
    return a < b ? -1 : a > b;
}

int report_file_compare(const void *a, const void *b)
{
    const struct file_pair *x = a, *y = b;
    int order = compare_numbers(x->kind, y->kind);
    if (!order)
        order = strcmp(x->first.function, y->first.function);
    if (!order)
        order = strcmp(x->second.function, y->second.function);
    if (!order)
        order = compare_numbers(x->first.line, y->first.line);
    return order ? order : compare_numbers(x->second.line, y->second.line);
}

static uint64_t number(const json_t *object, const char *key)
{
    json_int_t value = json_integer_value(json_object_get(object, key));
    return value > 0 ? (uint64_t)value : 0;
}

static struct file_side read_side(const json_t *json)
{
    const json_t *frame = json_array_get(json_object_get(json, "frames"), 0);
    const char *origin = json_string_value(json_object_get(json, "origin"));
    struct file_side side = {.function = json_string_value(json_object_get(frame, "function")),
                             .file = json_string_value(json_object_get(frame, "file")),
                             .line = (uint32_t)number(frame, "line")};
    if (!side.function)
        side.function = json_string_value(json_object_get(json, "function"));
    if (!side.function)
        side.function = origin ? origin : "outside";
    return side;
}

/* FILE_KINDS: none. */
static unsigned find_kind(const json_t *json)
{
    const char *word = json_string_value(json_object_get(json, "kind"));
    unsigned kind = 0;
    while (kind < FILE_KINDS && (!word || strcmp(word, report_file_kinds[kind]) != 0))
        kind++;
    return kind;
}

static bool read_pair(struct file_pair *p, const json_t *json)
{
    p->kind = find_kind(json);
    if (p->kind == FILE_KINDS)
        return false;
    p->first = read_side(json_object_get(json, "first"));
    p->second = read_side(json_object_get(json, "second"));
    p->instances = number(json, "instances");
    p->bytes = number(json, "bytes");
    return true;
}

/* Those that differ only in their offsets become one. */
static void join_alike(struct report_file *f)
{
    qsort(f->pairs, f->count, sizeof *f->pairs, report_file_compare);
    size_t kept = 0;
    for (size_t i = 0; i < f->count; i++) {
        if (kept && report_file_compare(&f->pairs[kept - 1], &f->pairs[i]) == 0) {
            f->pairs[kept - 1].instances += f->pairs[i].instances;
            f->pairs[kept - 1].bytes += f->pairs[i].bytes;
        } else {
            f->pairs[kept++] = f->pairs[i];
        }
    }
    f->count = kept;
}

static bool take(struct report_file *f, const char *path, struct error *err)
{
    const char *schema = json_string_value(json_object_get(f->json, "schema"));
    const json_t *pairs = json_object_get(f->json, "pairs"), *totals = json_object_get(f->json, "totals");
    if (!schema || strcmp(schema, "mem-tracer.report") != 0 || !json_is_array(pairs))
        return error_set(err, ERROR_IO, "'%s' is no report of --format json", path);
    if (number(f->json, "version") != 1)
        return error_set(err, ERROR_IO, "'%s' is a report of another version", path);
    for (size_t i = 0; i < FILE_KINDS; i++) {
        const json_t *total = json_object_get(totals, report_file_kinds[i]);
        f->bytes[i] = number(total, "bytes");
        f->share[i] = json_number_value(json_object_get(total, "share"));
    }
    const json_t *suppressed = json_object_get(f->json, "suppressed");
    for (size_t i = 0; i < json_array_size(suppressed); i++) {
        const json_t *from = json_array_get(suppressed, i);
        unsigned kind = find_kind(from);
        if (kind < FILE_KINDS)
            f->suppressed[kind] += number(from, "bytes");
    }
    f->count = json_array_size(pairs);
    f->pairs = calloc(f->count + 1, sizeof *f->pairs);
    if (!f->pairs)
        return error_no_memory(err);
    for (size_t i = 0; i < f->count; i++)
        if (!read_pair(&f->pairs[i], json_array_get(pairs, i)))
            return error_set(err, ERROR_IO, "'%s': pair %zu has no known kind", path, i);
    join_alike(f);
    return true;
}

static struct file_side side_of(const struct report_side *side)
{
    const struct report_frame *f = side->frame_count ? side->frames : NULL;
    struct file_side s = {.function = f && f->function ? f->function
                                      : *side->name    ? side->name
                                                       : "outside",
                          .file = f ? f->file : NULL,
                          .line = f ? f->line : 0};
    if (side->origin != ORIGIN_SITE)
        s.function = side->origin == ORIGIN_INIT ? "init" : "host";
    return s;
}

struct file_pair report_file_pair(const struct report_pair *p)
{
    struct file_pair pair = {
        .first = side_of(&p->first), .second = side_of(&p->second), .instances = p->instances, .bytes = p->bytes};
    while (strcmp(report_file_kinds[pair.kind], report_kind_name(p->kind)) != 0)
        pair.kind++;
    return pair;
}

bool report_file_of(struct report_file *f, const struct report *r, struct error *err)
{
    *f = (struct report_file){.pairs = calloc(r->pair_count + 1, sizeof *f->pairs), .count = r->pair_count};
    if (!f->pairs)
        return error_no_memory(err);
    for (size_t i = 0; i < r->pair_count; i++)
        f->pairs[i] = report_file_pair(&r->pairs[i]);
    join_alike(f);
    return true;
}

bool report_file_read(struct report_file *f, const char *path, struct error *err)
{
    *f = (struct report_file){0};
    struct buf text;
    buf_init(&text, SIZE_MAX);
    json_error_t broken;
    bool ok = infile_read(path, &text, err);
    if (ok) {
        f->json = json_loadb((const char *)text.data, text.size, 0, &broken);
        ok = f->json ||
             error_set(err, ERROR_IO, "'%s' is no JSON: %s (at offset %d)", path, broken.text, broken.position);
    }
    buf_release(&text);
    return ok && take(f, path, err);
}

void report_file_release(struct report_file *f)
{
    free(f->pairs);
    json_decref(f->json);
    *f = (struct report_file){0};
}
