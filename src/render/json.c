/* Written piece by piece, not through a tree in memory: a long run leaves a million pairs, and the report has to be out
 * soon after a signal. */
#include "render/groups.h"
#include "render/json_parts.h"
#include "render/names.h"
#include "render/number.h"
#include "render/render.h"
#include "render/runs.h"
#include "render/suppressed.h"
#include "report/distance.h"
#include "report/effect.h"
#include "trace/object.h"

#include <inttypes.h>
#include <string.h>

/* A string, or null.  The report's strings are valid UTF-8 without control characters; those are escaped all the
 * same. */
void json_put_string(struct output *out, const char *text)
{
    if (!text) {
        output_text(out, "null");
        return;
    }
    output_put(out, "\"", 1);
    const char *plain = text; /* not yet written */
    for (; *text; text++) {
        unsigned char byte = (unsigned char)*text;
        if (byte >= 0x20 && byte != '"' && byte != '\\')
            continue;
        output_put(out, plain, (size_t)(text - plain));
        plain = text + 1;
        if (byte < 0x20)
            output_printf(out, "\\u%04X", byte);
        else
            output_printf(out, "\\%c", byte);
    }
    output_put(out, plain, (size_t)(text - plain));
    output_put(out, "\"", 1);
}

static void put_string(struct output *out, const char *text)
{
    json_put_string(out, text);
}

/* As many digits as it takes to read back the same, and always a number that is no integer. */
static void put_share(struct output *out, double share)
{
    uint64_t bits;
    memcpy(&bits, &share, sizeof bits);
    char text[NUMBER_SIZE];
    number_f64(text, bits);
    output_text(out, text);
}

static void put_count(struct output *out, const char *key, uint64_t value)
{
    output_printf(out, "\"%s\": %" PRIu64 ", ", key, value);
}

static void put_id(struct output *out, const char *key, uint32_t id)
{
    output_text(out, key);
    if (id)
        output_decimal(out, id);
    else
        output_text(out, "null");
}

static void put_totals(struct output *out, const struct report *r)
{
    static const uint8_t order[] = {DEFECT_DEAD_STORE, DEFECT_SILENT_STORE, DEFECT_SILENT_LOAD_AFTER_LOAD,
                                    DEFECT_SILENT_LOAD_AFTER_STORE};
    output_text(out, "  \"totals\": {\n");
    for (size_t i = 0; i < DEFECT_KINDS; i++) {
        const struct report_total *t = &r->totals[order[i]];
        output_printf(out, "    \"%s\": {\"instances\": %" PRIu64 ", \"bytes\": %" PRIu64 ", \"share\": ",
                      kind_name(order[i]), t->instances, t->bytes);
        put_share(out, t->share);
        output_text(out, ", \"instances_per_million\": ");
        put_share(out, report_per_million(r, t->instances));
        output_text(out, ", \"bytes_per_million\": ");
        put_share(out, report_per_million(r, t->bytes));
        output_text(out, i + 1 < DEFECT_KINDS ? "},\n" : "}\n");
    }
    output_text(out, "  },\n");
}

/* How far lines were found, where anybody looked. */
static void put_lines(struct output *out, const struct report_lines *lines)
{
    if (!lines->asked)
        return;
    output_text(out, "  \"lines\": {\"source\": ");
    put_string(out, lines->source);
    output_printf(out, ", \"bytes\": %" PRIu64 ", \"found\": %" PRIu64 ", \"share\": ", lines->bytes, lines->found);
    put_share(out, lines->bytes ? (double)lines->found / (double)lines->bytes : 0);
    output_text(out, ", \"missing\": [");
    for (size_t i = 0; i < lines->missing_count; i++) {
        output_text(out, i ? ", {\"why\": " : "{\"why\": ");
        put_string(out, lines->missing[i].why);
        output_printf(out, ", \"bytes\": %" PRIu64 "}", lines->missing[i].bytes);
    }
    output_text(out, "], \"warning\": ");
    put_string(out, lines->warning);
    output_text(out, "},\n");
}

/* A number, or null for what is not known. */
static void put_place(struct output *out, const char *key, uint32_t value)
{
    output_text(out, key);
    if (value)
        output_decimal(out, value);
    else
        output_text(out, "null");
}

static void put_frames(struct output *out, const struct report_side *side)
{
    output_text(out, ", \"frames\": [");
    for (uint32_t i = 0; i < side->frame_count; i++) {
        const struct report_frame *f = &side->frames[i];
        output_text(out, i ? ", {\"function\": " : "{\"function\": ");
        put_string(out, f->function);
        if (f->home && (!f->file || strcmp(f->home, f->file) != 0)) {
            output_text(out, ", \"function_file\": ");
            put_string(out, f->home);
        }
        output_text(out, ", \"file\": ");
        put_string(out, f->file);
        put_place(out, ", \"line\": ", f->line);
        put_place(out, ", \"column\": ", f->column);
        output_text(out, "}");
    }
    output_text(out, "], \"own\": ");
    if (side->own < side->frame_count)
        output_decimal(out, side->own);
    else
        output_text(out, "null");
}

static void put_side(struct output *out, const struct report_side *side)
{
    if (side->origin != ORIGIN_SITE) {
        output_text(out, side->origin == ORIGIN_INIT ? "{\"origin\": \"init\"}" : "{\"origin\": \"host\"}");
        return;
    }
    output_text(out, "{\"loc\": ");
    output_decimal(out, side->loc);
    output_text(out, ", \"function\": ");
    put_string(out, *side->name ? side->name : NULL);
    if (side->func != UINT32_MAX) {
        output_text(out, ", \"func\": ");
        output_decimal(out, side->func);
    }
    output_text(out, ", \"op\": ");
    put_string(out, *side->op ? side->op : NULL);
    if (side->base) {
        output_text(out, ", \"base\": ");
        put_string(out, side->base);
    }
    if (side->frame_count)
        put_frames(out, side);
    output_text(out, "}");
}

static void put_trap(struct output *out, const struct report_trap *t)
{
    if (!t->depth && !t->has_address)
        return;
    output_text(out, ",\n    \"trap_at\": {");
    if (t->has_address)
        output_printf(out, "\"address\": %" PRIu64 ", \"memory_size\": %" PRIu64 ", ", t->address, t->memory_size);
    output_text(out, "\"calls\": [");
    for (size_t i = 0; i < t->depth; i++) {
        output_text(out, i ? ",\n      " : "\n      ");
        put_side(out, &t->stack[i]);
    }
    output_text(out, "]}");
}

static void put_run(struct output *out, const struct report *r)
{
    output_text(out, "  \"run\": {\n    \"exit_code\": ");
    if (r->has_exit_code)
        output_printf(out, "%" PRIu32, r->exit_code);
    else
        output_text(out, "null");
    output_text(out, ", \"trap\": ");
    put_string(out, r->trap);
    put_trap(out, &r->trap_at);
    output_text(out, ",\n    ");
    put_count(out, "accesses", r->accesses);
    put_count(out, "loads", r->loads);
    put_count(out, "stores", r->stores);
    put_count(out, "rmws", r->rmws);
    put_count(out, "fills", r->fills);
    put_count(out, "copies", r->copies);
    put_count(out, "inits", r->inits);
    put_count(out, "waits", r->waits);
    output_text(out, "\n    ");
    put_count(out, "host_reads", r->host_reads);
    put_count(out, "host_writes", r->host_writes);
    output_text(out, "\n    ");
    put_count(out, "bytes_loaded", r->bytes_loaded);
    put_count(out, "bytes_stored", r->bytes_stored);
    put_count(out, "unread_at_exit", r->unread_at_exit);
    output_text(out, "\n    \"opaque_calls\": [");
    for (size_t i = 0; i < r->opaque_count; i++) {
        output_text(out, i ? ", {\"import\": " : "{\"import\": ");
        put_string(out, r->opaque[i].import);
        output_printf(out, ", \"calls\": %" PRIu64 "}", r->opaque[i].calls);
    }
    output_printf(out, "],\n    \"shared_memory\": %s", r->shared_memory ? "true" : "false");
    if (r->max_memory)
        output_printf(out, ",\n    \"max_memory\": %" PRIu64 ", \"max_memory_refused\": %" PRIu64, r->max_memory,
                      r->grows_refused);
    if (r->lost)
        output_printf(out, ",\n    \"lost_accesses\": %" PRIu64, r->lost);
    if (r->by_trace)
        output_printf(out, ",\n    \"analysed_by_trace\": \"%s\"", r->by_trace);
    if (r->by_context) {
        put_id(out, ",\n    \"contexts\": {\"depth\": ", r->context_depth);
        output_printf(out, ", \"merged\": %s}", r->contexts_merged ? "true" : "false");
    }
    output_printf(out, "\n  },\n");
}

static void put_pair_contexts(struct output *out, const struct report_pair *pair)
{
    output_text(out, ", \"contexts\": [");
    for (size_t i = 0; i < pair->context_count; i++) {
        const struct report_pair_context *c = &pair->contexts[i];
        put_id(out, i ? ", {\"first\": " : "{\"first\": ", c->first);
        put_id(out, ", \"second\": ", c->second);
        output_text(out, ", \"instances\": ");
        output_decimal(out, c->instances);
        output_text(out, ", \"bytes\": ");
        output_decimal(out, c->bytes);
        output_text(out, "}");
    }
    output_text(out, "]");
}

static void put_contexts(struct output *out, const struct report *r)
{
    if (!r->by_context)
        return;
    output_text(out, "  \"contexts\": [");
    for (size_t i = 0; i < r->context_count && !output_failed(out); i++) {
        const struct report_context *c = &r->contexts[i];
        put_id(out, i ? ",\n    {\"id\": " : "\n    {\"id\": ", c->id);
        put_id(out, ", \"parent\": ", c->parent);
        output_text(out, ", \"function\": ");
        put_string(out, c->function);
        output_text(out, ", \"call\": ");
        if (c->call.loc)
            put_side(out, &c->call);
        else
            output_text(out, "null");
        output_text(out, "}");
    }
    output_text(out, r->context_count ? "\n  ],\n" : "],\n");
}

static void put_pair_objects(struct output *out, const struct report_pair *pair)
{
    output_text(out, ", \"objects\": [");
    for (size_t i = 0; i < pair->object_count; i++) {
        const struct report_pair_object *o = &pair->objects[i];
        put_id(out, i ? ", {\"object\": " : "{\"object\": ", o->object);
        output_text(out, ", \"instances\": ");
        output_decimal(out, o->instances);
        output_text(out, ", \"bytes\": ");
        output_decimal(out, o->bytes);
        output_text(out, "}");
    }
    output_text(out, "]");
}

static void put_use(struct output *out, const struct report_object *o)
{
    const struct object_use *u = &o->use;
    output_printf(out,
                  ", \"use\": {\"loads\": %" PRIu64 ", \"stores\": %" PRIu64 ", \"bytes_loaded\": %" PRIu64
                  ", \"bytes_stored\": %" PRIu64,
                  u->loads, u->stores, u->bytes_loaded, u->bytes_stored);
    if (o->kind == OBJECT_HEAP)
        output_printf(out,
                      ", \"freed\": %" PRIu64 ", \"live_blocks\": %" PRIu64 ", \"live_bytes\": %" PRIu64
                      ", \"peak_blocks\": %" PRIu64 ", \"peak_bytes\": %" PRIu64 ", \"smallest\": %" PRIu64
                      ", \"largest\": %" PRIu64 ", \"lifetime\": %" PRIu64 ", \"never_read\": %" PRIu64
                      ", \"never_read_blocks\": %" PRIu64,
                      u->freed, u->live_blocks, u->live_bytes, u->peak_blocks, u->peak_bytes, u->smallest, u->largest,
                      u->lifetime, u->never_read, u->never_read_blocks);
    output_text(out, "}");
}

static void put_object(struct output *out, const struct report_object *o)
{
    output_printf(out, "    {\"id\": %" PRIu32 ", \"kind\": \"%s\", \"name\": ", o->id, object_kind_name(o->kind));
    put_string(out, o->name);
    if (o->func != UINT32_MAX)
        output_printf(out, ", \"func\": %" PRIu32, o->func);
    if (o->whole) {
        output_text(out, ", \"whole\": ");
        put_string(out, o->whole);
        output_printf(out, ", \"field_size\": %" PRIu64, o->field_size);
    }
    if (o->kind == OBJECT_HEAP) {
        output_text(out, ", \"call\": ");
        if (o->call.loc)
            put_side(out, &o->call);
        else
            output_text(out, "null");
        put_id(out, ", \"context\": ", o->context);
        output_printf(out, ", \"blocks\": %" PRIu64, o->blocks);
    }
    if (o->kind == OBJECT_HEAP || o->kind == OBJECT_VARIABLE || o->kind == OBJECT_SEGMENT)
        output_printf(out, ", \"size\": %" PRIu64, o->size);
    put_use(out, o);
    output_text(out, ", \"totals\": {");
    const char *separator = "";
    for (unsigned kind = 0; kind < DEFECT_KINDS; kind++) {
        const struct report_total *t = &o->totals[kind];
        output_printf(out, "%s\"%s\": {\"instances\": %" PRIu64 ", \"bytes\": %" PRIu64 ", \"share\": ", separator,
                      kind_name(kind), t->instances, t->bytes);
        put_share(out, t->share);
        output_text(out, "}");
        separator = ", ";
    }
    output_text(out, "}}");
}

static void put_object_list(struct output *out, const char *name, const struct report_object *objects, size_t count)
{
    output_printf(out, "  \"%s\": [", name);
    for (size_t i = 0; i < count && !output_failed(out); i++) {
        output_text(out, i ? ",\n" : "\n");
        put_object(out, &objects[i]);
    }
    output_text(out, count ? "\n  ],\n" : "],\n");
}

static void put_objects(struct output *out, const struct report *r)
{
    size_t paired = report_paired_objects(r);
    if (!r->by_object)
        return;
    put_object_list(out, "objects", r->objects, paired);
    put_object_list(out, "objects_without_pairs", r->objects + paired, r->object_count - paired);
}

static void put_unread(struct output *out, const struct report *r)
{
    output_text(out, "  \"unread\": [");
    for (size_t i = 0; i < r->unread_count && !output_failed(out); i++) {
        output_printf(out, "%s\n    {\"bytes\": %" PRIu64 ", \"store\": ", i ? "," : "", r->unread[i].bytes);
        put_side(out, &r->unread[i].store);
        output_text(out, "}");
    }
    output_text(out, r->unread_count ? "\n  ],\n" : "],\n");
}

static void put_distance(struct output *out, const struct report_distance *d)
{
    output_printf(out, ", \"distance\": {\"exact\": %s", d->exact ? "true" : "false");
    for (unsigned i = 0; i < DISTANCE_BUCKETS && report_distance_measured(d); i++)
        output_printf(out, "%s%" PRIu64, i ? ", " : ", \"buckets\": [", d->sums.buckets[i]);
    output_text(out, report_distance_measured(d) ? "]" : "");
    for (unsigned i = 0; i < DISTANCE_SPANS; i++)
        output_printf(out, ", \"%s\": %" PRIu64, report_span_name(i), d->sums.spans[i]);
    if (d->sums.samples)
        output_printf(out, ", \"samples\": %" PRIu64, d->sums.samples);
    if (d->sums.places)
        output_printf(out, ", \"places\": %" PRIu64, d->sums.places);
    output_text(out, "}");
}

static void put_pair(struct output *out, const struct report *r, const struct report_pair *pair)
{
    output_text(out, "    {\"kind\": \"");
    output_text(out, kind_name(pair->kind));
    output_text(out, "\", \"first\": ");
    put_side(out, &pair->first);
    output_text(out, ", \"second\": ");
    put_side(out, &pair->second);
    output_text(out, ", \"instances\": ");
    output_decimal(out, pair->instances);
    output_text(out, ", \"bytes\": ");
    output_decimal(out, pair->bytes);
    if (pair->cumulative > 0)
        output_printf(out, ", \"cumulative\": %.6f", pair->cumulative);
    json_put_effect(out, r, effect_of_pair(pair));
    json_put_pair_class(out, pair);
    if (pair->distance.known)
        put_distance(out, &pair->distance);
    if (pair->context_count)
        put_pair_contexts(out, pair);
    if (pair->object_count)
        put_pair_objects(out, pair);
    output_text(out, "}");
}

void render_json(struct output *out, const struct report *r)
{
    output_printf(out,
                  "{\n  \"schema\": \"mem-tracer.report\", \"version\": %d,\n  \"input\": {\"path\": ", REPORT_VERSION);
    put_string(out, r->input_path);
    output_printf(out, ", \"size\": %" PRIu64, r->input_size);
    if (r->input_hash)
        output_printf(out, ", \"hash\": \"fnv1a:%016" PRIx64 "\"", r->input_hash);
    output_text(out, "},\n");
    put_run(out, r);
    json_put_runs(out, r);
    put_totals(out, r);
    put_lines(out, &r->lines);
    json_put_classes(out, r);
    json_put_suppressed(out, r);
    json_put_groups(out, r);
    put_contexts(out, r);
    put_objects(out, r);
    put_unread(out, r);
    output_text(out, "  \"pairs\": [");
    for (size_t i = 0; i < r->pair_count && !output_failed(out); i++) {
        output_text(out, i ? ",\n" : "\n");
        put_pair(out, r, &r->pairs[i]);
    }
    output_text(out, r->pair_count ? "\n  ]\n}\n" : "]\n}\n");
}
