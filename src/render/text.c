#include "render/names.h"
#include "render/paths.h"
#include "render/render.h"

#include <inttypes.h>

enum { PATHS = 3, PATH_FRAMES = 12, OBJECTS = 3 }; /* of each pair, of each path, of each pair */

/* The function that the source has there, and its line if it is known. */
static void put_where(struct output *out, const struct report_side *side)
{
    const struct report_frame *frame = side->frame_count ? side->frames : NULL;
    output_name(out, frame && frame->function ? frame->function : side_name(side));
    if (frame && frame->file && frame->line)
        output_printf(out, " (%s:%" PRIu32 ")", frame->file, frame->line);
}

/* The largest parts of a pair by call paths. */
static void put_paths(struct output *out, const struct report *r, const struct report_pair *pair)
{
    for (size_t i = 0; i < pair->context_count && i < PATHS; i++) {
        const struct report_pair_context *c = &pair->contexts[i];
        output_printf(out, "      // %" PRIu64 " times, %" PRIu64 " bytes: ", c->instances, c->bytes);
        if (c->first && c->first == c->second) {
            output_text(out, "both in ");
        } else {
            if (pair->first.origin != ORIGIN_SITE)
                output_text(out, side_name(&pair->first));
            else
                put_path(out, r, c->first, PATH_FRAMES, SIZE_MAX);
            output_text(out, " -> ");
        }
        put_path(out, r, c->second, PATH_FRAMES, SIZE_MAX);
        output_text(out, "\n");
    }
    if (pair->context_count > PATHS)
        output_printf(out, "      // and %zu more pairs of call paths\n", pair->context_count - PATHS);
}

/* The objects that a pair is in. */
static void put_objects(struct output *out, const struct report *r, const struct report_pair *pair)
{
    for (size_t i = 0; i < pair->object_count && i < OBJECTS; i++) {
        const struct report_pair_object *o = &pair->objects[i];
        output_printf(out, "      // %" PRIu64 " times, %" PRIu64 " bytes in: ", o->instances, o->bytes);
        put_object_words(out, r, &r->objects[o->object - 1]);
        output_text(out, "\n");
    }
    if (pair->object_count > OBJECTS)
        output_printf(out, "      // and in %zu more objects\n", pair->object_count - OBJECTS);
}

/* What the code makes of it, in the entry's own line: readers of the format know no others. */
static void put_class(struct output *out, const struct report_pair *pair)
{
    if (pair->what != CLASS_NONE)
        output_printf(out, "; %s", report_class_name((enum pair_class)pair->what));
    for (unsigned mark = MARK_ATOMIC; mark <= MARK_COPY; mark <<= 1)
        if (pair->marks & mark)
            output_printf(out, "; %s", report_mark_name((enum pair_mark)mark));
    if (pair->constant)
        output_printf(out, "; stores %s", pair->constant);
    const char *first = pair->first.base, *second = pair->second.base;
    bool same = first && second && pair->first.loc == pair->second.loc; /* local 0 is another in each function */
    if (first && !same)
        output_printf(out, "; first at %s", first);
    if (second)
        output_printf(out, "; %sat %s", same ? "" : "then ", second);
}

static void put_entry(struct output *out, const struct report_pair *pair)
{
    output_text(out, "    (");
    if (pair->first.origin == ORIGIN_SITE)
        output_printf(out, "%" PRIX32, pair->first.loc);
    else
        output_text(out, side_name(&pair->first));
    output_printf(out, ", %" PRIX32 ")  // %s%" PRIu64 " times, %" PRIu64 " bytes: ", pair->second.loc,
                  load_class(pair->kind), pair->instances, pair->bytes);
    put_where(out, &pair->first);
    output_text(out, " -> ");
    put_where(out, &pair->second);
    put_class(out, pair);
    output_text(out, "\n");
}

static void put_pair(struct output *out, const struct report *r, const struct report_pair *pair)
{
    put_entry(out, pair);
    put_paths(out, r, pair);
    put_objects(out, r, pair);
}

void render_text(struct output *out, const struct report *r)
{
    output_text(out, "DedupDefects (by wasm binary addr) {\n");
    for (enum pair_list list = 0; list < PAIR_LISTS; list++) {
        uint64_t entries = 0;
        for (size_t i = 0; i < r->pair_count; i++)
            entries += in_list(r->pairs[i].kind, list);
        put_list_head(out, list, entries);
        for (size_t i = 0; i < r->pair_count && !output_failed(out); i++) {
            if (in_list(r->pairs[i].kind, list))
                put_pair(out, r, &r->pairs[i]);
        }
    }
    output_text(out, "}\n");
}
