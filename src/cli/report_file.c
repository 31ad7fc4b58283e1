#include "cli/report_file.h"

#include "base/order.h"
#include "cli/report_json.h"

#include <stdlib.h>
#include <string.h>

const uint8_t report_file_kinds[DEFECT_KINDS] = {DEFECT_DEAD_STORE, DEFECT_SILENT_STORE, DEFECT_SILENT_LOAD_AFTER_LOAD,
                                                 DEFECT_SILENT_LOAD_AFTER_STORE};

/* The place of a kind among them; DEFECT_KINDS: none. */
static unsigned index_of(unsigned kind)
{
    unsigned i = 0;
    while (i < DEFECT_KINDS && report_file_kinds[i] != kind)
        i++;
    return i;
}

int report_file_compare(const void *a, const void *b)
{
    const struct file_pair *x = a, *y = b;
    int order = compare_u64(x->kind, y->kind);
    if (!order)
        order = strcmp(x->first.function, y->first.function);
    if (!order)
        order = strcmp(x->second.function, y->second.function);
    if (!order)
        order = compare_u64(x->first.line, y->first.line);
    return order ? order : compare_u64(x->second.line, y->second.line);
}

static struct file_side read_side(const json_t *json)
{
    const json_t *frame = json_array_get(json_object_get(json, "frames"), 0);
    const char *origin = json_string_value(json_object_get(json, "origin"));
    struct file_side side = {.function = json_string_value(json_object_get(frame, "function")),
                             .file = json_string_value(json_object_get(frame, "file")),
                             .line = (uint32_t)load_number(frame, "line")};
    if (!side.function)
        side.function = json_string_value(json_object_get(json, "function"));
    if (!side.function)
        side.function = origin ? origin : "outside";
    return side;
}

static bool read_pair(struct file_pair *p, const json_t *json)
{
    p->kind = index_of(load_kind(json));
    if (p->kind == DEFECT_KINDS)
        return false;
    p->first = read_side(json_object_get(json, "first"));
    p->second = read_side(json_object_get(json, "second"));
    p->instances = load_number(json, "instances");
    p->bytes = load_number(json, "bytes");
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
    const json_t *pairs = json_object_get(f->json, "pairs"), *totals = json_object_get(f->json, "totals");
    for (size_t i = 0; i < DEFECT_KINDS; i++) {
        const json_t *total = json_object_get(totals, report_kind_name(report_file_kinds[i]));
        f->bytes[i] = load_number(total, "bytes");
        f->share[i] = json_number_value(json_object_get(total, "share"));
    }
    const json_t *suppressed = json_object_get(f->json, "suppressed");
    for (size_t i = 0; i < json_array_size(suppressed); i++) {
        const json_t *from = json_array_get(suppressed, i);
        unsigned kind = index_of(load_kind(from));
        if (kind < DEFECT_KINDS)
            f->suppressed[kind] += load_number(from, "bytes");
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
    return (struct file_pair){.kind = index_of(p->kind),
                              .first = side_of(&p->first),
                              .second = side_of(&p->second),
                              .instances = p->instances,
                              .bytes = p->bytes};
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
    f->json = report_json_read(path, err);
    return f->json && take(f, path, err);
}

void report_file_release(struct report_file *f)
{
    free(f->pairs);
    json_decref(f->json);
    *f = (struct report_file){0};
}
