#include "cli/report_load.h"

#include "base/clean.h"
#include "base/vec.h"
#include "cli/report_load_parts.h"
#include "render/names.h"
#include "report/functions.h"
#include "report/merge.h"
#include "report/sources.h"
#include "report/strings.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { FIRST_SLOTS = 1024, LINE_LIMIT = 512 };

struct side_slot {
    struct report_side side; /* loc 0: free */
};

uint32_t load_u32(const json_t *object, const char *key)
{
    uint64_t value = load_number(object, key);
    return value <= UINT32_MAX ? (uint32_t)value : 0;
}

static const char *keep(struct report_loader *l, const char *bytes, size_t size, size_t limit)
{
    buf_clear(&l->scratch);
    clean_put(&l->scratch, bytes, size, limit);
    const char *text =
        l->scratch.failed ? NULL : strings_intern(l->strings, (const char *)l->scratch.data, l->scratch.size);
    l->short_of_memory = l->short_of_memory || !text;
    return text;
}

const char *load_text(struct report_loader *l, const json_t *object, const char *key)
{
    const json_t *value = json_object_get(object, key);
    if (!json_is_string(value))
        return NULL;
    return keep(l, json_string_value(value), json_string_length(value), SIZE_MAX);
}

const char *report_loader_text(struct report_loader *l, const char *text)
{
    return keep(l, text, strlen(text), SIZE_MAX);
}

static struct side_slot *slot_of(struct side_slot *slots, size_t count, uint32_t loc)
{
    size_t at = (size_t)(((uint64_t)loc * 0x9E3779B97F4A7C15u) >> 32) & (count - 1);
    while (slots[at].side.loc && slots[at].side.loc != loc)
        at = (at + 1) & (count - 1);
    return &slots[at];
}

static bool room_for_side(struct report_loader *l)
{
    if (l->side_count < l->side_slots / 2)
        return true;
    size_t count = l->side_slots ? l->side_slots * 2 : FIRST_SLOTS;
    struct side_slot *slots = calloc(count, sizeof *slots);
    if (!slots)
        return false;
    for (size_t i = 0; i < l->side_slots; i++)
        if (l->sides[i].side.loc)
            *slot_of(slots, count, l->sides[i].side.loc) = l->sides[i];
    free(l->sides);
    l->sides = slots;
    l->side_slots = count;
    return true;
}

static bool load_frames(struct report_loader *l, const json_t *json, struct report_side *side)
{
    const json_t *list = json_object_get(json, "frames");
    size_t count = json_array_size(list);
    count = count < REPORT_FRAMES_MAX ? count : REPORT_FRAMES_MAX;
    if (!count)
        return true;
    struct report_frame *frames = calloc(count, sizeof *frames);
    if (!frames || !vec_room((void **)&l->stacks, &l->stack_capacity, l->stack_count, sizeof *l->stacks)) {
        free(frames);
        return false;
    }
    l->stacks[l->stack_count++] = frames;
    for (size_t i = 0; i < count; i++) {
        const json_t *from = json_array_get(list, i);
        struct report_frame *f = &frames[i];
        *f = (struct report_frame){.function = load_text(l, from, "function"),
                                   .home = load_text(l, from, "function_file"),
                                   .file = load_text(l, from, "file"),
                                   .line = load_u32(from, "line"),
                                   .column = load_u32(from, "column")};
        size_t size;
        uint32_t indent;
        f->home = f->home ? f->home : f->file;
        const char *text = f->file && f->line && !l->no_text
                               ? source_text_line(l->text, f->file, NULL, f->line, &size, &indent)
                               : NULL;
        f->text = text ? keep(l, text, size, LINE_LIMIT) : NULL;
        f->indent = text ? indent : 0;
    }
    side->frames = frames;
    side->frame_count = (uint32_t)count;
    const json_t *own = json_object_get(json, "own");
    side->own = json_is_null(own) ? OWN_NONE : OWN_UNKNOWN;
    if (json_is_integer(own) && load_u32(json, "own") < count)
        side->own = load_u32(json, "own");
    return !l->short_of_memory;
}

static const char *or_empty(const char *text)
{
    return text ? text : "";
}

bool load_side(struct report_loader *l, const json_t *json, struct report_side *side)
{
    const char *origin = json_string_value(json_object_get(json, "origin"));
    *side = (struct report_side){.func = UINT32_MAX, .name = "", .op = ""};
    if (origin) {
        side->origin = strcmp(origin, "init") == 0 ? ORIGIN_INIT : ORIGIN_HOST;
        return true;
    }
    side->loc = load_u32(json, "loc");
    side->name = or_empty(load_text(l, json, "function"));
    side->op = or_empty(load_text(l, json, "op"));
    if (json_is_integer(json_object_get(json, "func")))
        side->func = load_u32(json, "func");
    side->base = load_text(l, json, "base");
    if (!side->loc)
        return true;
    if (!room_for_side(l))
        return error_no_memory(l->err);
    struct side_slot *slot = slot_of(l->sides, l->side_slots, side->loc);
    if (slot->side.loc && (strcmp(slot->side.op, side->op) != 0 || strcmp(slot->side.name, side->name) != 0))
        return error_set(
            l->err, ERROR_IO,
            "'%.1000s' is about another module than the reports before it: at offset 0x%X it has %s in %s, they have "
            "%s in %s",
            l->path, side->loc, side->op, side->name, slot->side.op, slot->side.name);
    if (!slot->side.frame_count && !load_frames(l, json, side))
        return error_no_memory(l->err);
    l->side_count += !slot->side.loc;
    if (!slot->side.loc || side->frame_count)
        slot->side = *side;
    side->frames = slot->side.frames;
    side->frame_count = slot->side.frame_count;
    side->own = slot->side.own;
    return true;
}

static void load_run(struct report_loader *l, const json_t *run, struct report *r)
{
    const json_t *code = json_object_get(run, "exit_code");
    r->has_exit_code = json_is_integer(code);
    r->exit_code = (uint32_t)json_integer_value(code);
    r->trap = load_text(l, run, "trap");
    r->accesses = load_number(run, "accesses");
    r->loads = load_number(run, "loads");
    r->stores = load_number(run, "stores");
    r->rmws = load_number(run, "rmws");
    r->fills = load_number(run, "fills");
    r->copies = load_number(run, "copies");
    r->inits = load_number(run, "inits");
    r->waits = load_number(run, "waits");
    r->host_reads = load_number(run, "host_reads");
    r->host_writes = load_number(run, "host_writes");
    r->bytes_loaded = load_number(run, "bytes_loaded");
    r->bytes_stored = load_number(run, "bytes_stored");
    r->unread_at_exit = load_number(run, "unread_at_exit");
    r->shared_memory = json_is_true(json_object_get(run, "shared_memory"));
    r->max_memory = load_number(run, "max_memory");
    r->grows_refused = load_number(run, "max_memory_refused");
    r->lost = load_number(run, "lost_accesses");
    r->by_trace = load_text(l, run, "analysed_by_trace");
    const json_t *contexts = json_object_get(run, "contexts");
    r->by_context = json_is_object(contexts);
    r->context_depth = load_u32(contexts, "depth");
    r->contexts_merged = json_is_true(json_object_get(contexts, "merged"));
}

static bool take(struct report_loader *l, const json_t *json, struct report *r)
{
    const json_t *input = json_object_get(json, "input");
    r->input_path = or_empty(load_text(l, input, "path"));
    r->input_size = load_number(input, "size");
    const char *hash = json_string_value(json_object_get(input, "hash"));
    r->input_hash = hash && strncmp(hash, "fnv1a:", 6) == 0 ? strtoull(hash + 6, NULL, 16) : 0;
    load_run(l, json_object_get(json, "run"), r);
    for (unsigned kind = 0; kind < DEFECT_KINDS; kind++) {
        const json_t *total = json_object_get(json_object_get(json, "totals"), kind_name(kind));
        r->totals[kind] = (struct report_total){load_number(total, "instances"), load_number(total, "bytes"), 0};
    }
    if (!l->text) {
        const char *slash = strrchr(r->input_path, '/');
        l->folder = slash ? strndup(r->input_path, (size_t)(slash - r->input_path)) : NULL;
        l->text = source_text_new(l->folder, l->moves, l->move_count);
    }
    return l->text ? load_parts(l, json, r) && load_pairs(l, json, r) : error_no_memory(l->err);
}

bool report_loader_open(struct report_loader *l, const struct source_move *moves, size_t move_count, struct error *err)
{
    *l = (struct report_loader){.strings = strings_new(), .moves = moves, .move_count = move_count};
    buf_init(&l->scratch, SIZE_MAX / 2);
    return l->strings || error_no_memory(err);
}

void report_loader_release(struct report_loader *l)
{
    for (size_t i = 0; i < l->stack_count; i++)
        free(l->stacks[i]);
    free(l->stacks);
    free(l->sides);
    source_text_free(l->text);
    free(l->folder);
    strings_free(l->strings);
    buf_release(&l->scratch);
    *l = (struct report_loader){0};
}

bool report_load(struct report_loader *l, const char *path, struct report *out, struct error *err)
{
    *out = (struct report){0};
    l->path = path;
    l->err = err;
    json_t *json = report_json_read(path, err);
    bool ok = json && take(l, json, out);
    if (ok &&
        (l->short_of_memory || source_text_failed(l->text) || !functions_find_homes(out) || !own_find(out, &l->own)))
        ok = error_no_memory(err);
    json_decref(json);
    if (!ok)
        report_release(out);
    return ok;
}

bool loaded_report_read(struct loaded_report *l, const char *path, const struct own_rules *own, struct error *err)
{
    *l = (struct loaded_report){.report = {0}};
    if (!report_loader_open(&l->loader, NULL, 0, err))
        return false;
    l->loader.no_text = true;
    if (own)
        l->loader.own = *own;
    if (!report_load(&l->loader, path, &l->report, err))
        return false;
    return report_finish_merge(&l->report) || error_no_memory(err);
}

void loaded_report_release(struct loaded_report *l)
{
    report_release(&l->report);
    report_loader_release(&l->loader);
}

/* As report_names asks for it. */
static const char *find_source(void *self, const char *file, uint32_t line, size_t *size)
{
    return source_text_whole_line(self, file, line, size);
}

bool report_loader_give(struct report_loader *l, struct report *to, bool sources, struct error *err)
{
    to->strings = l->strings;
    to->stacks = l->stacks;
    to->stack_count = l->stack_count;
    to->stack_capacity = l->stack_capacity;
    l->strings = NULL;
    l->stacks = NULL;
    l->stack_count = 0;
    const struct report_names names = {.self = l->text, .source = sources ? find_source : NULL};
    return (sources_collect(to, &names) && !source_text_failed(l->text)) || error_no_memory(err);
}
