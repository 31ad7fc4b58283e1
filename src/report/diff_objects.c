/* Changes by object.  Builds have no numbers of objects in common: static data and stack frames are known by their name, blocks of the heap by
 * the function that allocated them, by its own frame. */
#include "base/buf.h"
#include "report/diff.h"
#include "trace/object.h"

#include <stdlib.h>

static bool put_allocator(struct buf *text, struct strings *strings, const struct report_object *o)
{
    struct function function;
    if (!o->call.loc)
        return buf_put_text(text, "heap, allocated by the host");
    return function_of_side(strings, &o->call, report_own_index(&o->call), &function) &&
           buf_printf(text, "heap, allocated by %s", function.name);
}

/* NULL when memory is short.  Fields are summed up with their variable or function. */
static const char *words_of(struct strings *strings, const struct report_object *o)
{
    static const char *const kinds[OBJECT_KINDS] = {[OBJECT_VARIABLE] = "variable ",
                                                    [OBJECT_SEGMENT] = "static data, ",
                                                    [OBJECT_STATIC] = "static data",
                                                    [OBJECT_STACK] = "stack of ",
                                                    [OBJECT_UNALLOCATED] = "heap outside of blocks",
                                                    [OBJECT_OTHER] = "other memory"};
    const char *name = o->whole ? o->whole : o->name;
    struct buf text;
    buf_init(&text, SIZE_MAX / 2);
    if (o->kind == OBJECT_HEAP)
        text.failed = !put_allocator(&text, strings, o) || text.failed;
    else
        buf_printf(&text, "%s%s", kinds[o->kind], name ? name : "");
    const char *words = text.failed ? NULL : strings_intern(strings, (const char *)text.data, text.size);
    buf_release(&text);
    return words;
}

static uint32_t highest_id(const struct report *r)
{
    uint32_t id = 0;
    for (size_t i = 0; i < r->object_count; i++)
        id = r->objects[i].id > id ? r->objects[i].id : id;
    return id;
}

static unsigned kind_place(const struct report_pair *p)
{
    unsigned kind = 0;
    while (match_kinds[kind] != p->kind)
        kind++;
    return kind;
}

static struct diff_row row_of(const struct report_pair *p, const struct report_pair_object *part, bool is_new,
                              const struct match_side *object)
{
    const unsigned kind = kind_place(p);
    struct diff_count c = {.pairs = 1, .instances = part->instances, .bytes = part->bytes};
    c.effect = p->bytes ? p->effect * ((double)part->bytes / (double)p->bytes) : 0;
    c.kinds[kind] = part->bytes;
    struct diff_row row = {.kind = kind, .second = object};
    *(is_new ? &row.new : &row.old) = c;
    return row;
}

/* `objects` by id. */
static void add_rows(struct report_diff *d, const struct report *r, const struct match_side *objects, uint32_t highest)
{
    for (size_t i = 0; i < r->pair_count; i++)
        for (size_t k = 0; k < r->pairs[i].object_count; k++) {
            const struct report_pair_object *part = &r->pairs[i].objects[k];
            if (part->object <= highest && objects[part->object].shown)
                d->rows[d->total++] = row_of(&r->pairs[i], part, r == d->new, &objects[part->object]);
        }
}

static bool take(struct report_diff *d, const struct report *r, struct match_side **objects)
{
    const uint32_t highest = highest_id(r);
    *objects = calloc((size_t)highest + 1, sizeof **objects);
    for (size_t i = 0; *objects && i < r->object_count; i++) {
        const char *words = words_of(d->matching.strings, &r->objects[i]);
        if (!words)
            return false;
        (*objects)[r->objects[i].id] = (struct match_side){.function = {words, NULL, UINT32_MAX}, .shown = words};
    }
    if (*objects)
        add_rows(d, r, *objects, highest);
    return *objects;
}

static size_t count_parts(const struct report *r)
{
    size_t count = 0;
    for (size_t i = 0; i < r->pair_count; i++)
        count += r->pairs[i].object_count;
    return count;
}

bool diff_take_objects(struct report_diff *d)
{
    free(d->rows);
    d->total = 0;
    d->rows = calloc(count_parts(d->old) + count_parts(d->new) + 1, sizeof *d->rows);
    return d->rows && take(d, d->old, &d->old_objects) && take(d, d->new, &d->new_objects);
}
