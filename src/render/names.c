#include "render/names.h"

#include "base/path.h"
#include "render/paths.h"

#include "base/clean.h"
#include "trace/object.h"

#include <inttypes.h>
#include <string.h>

enum { CALLERS = 2 }; /* named of what allocates */

const char *kind_name(unsigned kind)
{
    return report_kind_name(kind);
}

const char *load_class(unsigned kind)
{
    switch (kind) {
    case DEFECT_SILENT_LOAD_AFTER_LOAD:
        return "after load, ";
    case DEFECT_SILENT_LOAD_AFTER_STORE:
        return "after store, ";
    default:
        return "";
    }
}

bool in_list(unsigned kind, enum pair_list list)
{
    switch (kind) {
    case DEFECT_DEAD_STORE:
        return list == LIST_DEAD_STORE;
    case DEFECT_SILENT_STORE:
        return list == LIST_SILENT_STORE;
    default:
        return list == LIST_SILENT_LOAD;
    }
}

void put_list_head(struct output *out, enum pair_list list, uint64_t entries)
{
    static const char *const names[] = {[LIST_DEAD_STORE] = "dead_store_pairs",
                                        [LIST_SILENT_STORE] = "silent_store_pairs",
                                        [LIST_SILENT_LOAD] = "silent_load_pairs"};
    output_printf(out, "  %s (%" PRIu64 " entries):\n", names[list], entries);
}

const char *side_name(const struct report_side *side)
{
    switch (side->origin) {
    case ORIGIN_INIT:
        return "init";
    case ORIGIN_HOST:
        return "host";
    default:
        return *side->name ? side->name : "outside";
    }
}

void output_name(struct output *out, const char *name)
{
    char room[CLEAN_NAME_LIMIT];
    struct buf cut;
    if (strlen(name) <= sizeof room) {
        output_text(out, name);
        return;
    }
    buf_init_over(&cut, room, sizeof room);
    clean_put(&cut, name, strlen(name), sizeof room);
    output_put(out, cut.data, cut.size);
}

const char *object_kind_name(unsigned kind)
{
    static const char *const names[OBJECT_KINDS] = {
        [OBJECT_VARIABLE] = "variable", [OBJECT_SEGMENT] = "segment", [OBJECT_STATIC] = "static",
        [OBJECT_STACK] = "stack",       [OBJECT_HEAP] = "heap",       [OBJECT_UNALLOCATED] = "unallocated",
        [OBJECT_OTHER] = "other"};
    return names[kind];
}

/* What led to a context's function, without that function itself. */
static void put_callers(struct output *out, const struct report *r, uint32_t id)
{
    const struct report_context *c = report_context_find(r, id);
    if (!c || !c->parent)
        return;
    put_call_path(out, r, id, CALLERS);
    output_text(out, " > ");
}

void put_object_words(struct output *out, const struct report *r, const struct report_object *o)
{
    const struct report_frame *frame = o->call.frame_count ? o->call.frames : NULL;
    const char *file = frame && frame->file ? path_base(frame->file) : NULL;
    switch (o->kind) {
    case OBJECT_VARIABLE:
        output_printf(out, "variable %s", o->name);
        return;
    case OBJECT_SEGMENT:
        output_printf(out, "static data, %s", o->name);
        return;
    case OBJECT_STATIC:
        output_text(out, "static data");
        return;
    case OBJECT_STACK:
        output_printf(out, "stack of %s", o->name);
        return;
    case OBJECT_HEAP:
        output_text(out, "heap, allocated by ");
        if (o->context)
            put_callers(out, r, o->context);
        output_text(out, frame && frame->function ? frame->function : side_name(&o->call));
        if (frame && frame->file && frame->line)
            output_printf(out, " (%.*s:%" PRIu32 ")", whole_characters(file, 60), file, frame->line);
        else if (o->call.loc)
            output_printf(out, "@%" PRIX32, o->call.loc);
        return;
    case OBJECT_UNALLOCATED:
        output_text(out, "heap outside of blocks");
        return;
    default:
        output_text(out, "other memory");
    }
}
