/* How objects are used, in the summary: blocks of the heap by what allocated them, what is accessed most, and what is stored and never loaded. */
#include "base/order.h"
#include "render/number.h"
#include "render/object_text.h"
#include "trace/object.h"

#include <errno.h>
#include <stdlib.h>

enum { ROWS = 5, INDENT = 6, WORDS_COLUMNS = 74 };

typedef bool choose_object(const struct report_object *o);
typedef int order_objects(const void *left, const void *right);

static uint64_t accesses_of(const struct report_object *o)
{
    return o->use.loads + o->use.stores;
}

static const struct report_object *object_at(const void *item)
{
    return *(const struct report_object *const *)item;
}

static int by_size(const void *left, const void *right)
{
    const struct report_object *a = object_at(left), *b = object_at(right);
    int order = compare_u64(b->size, a->size);
    return order ? order : compare_u64(a->id, b->id);
}

static int by_accesses(const void *left, const void *right)
{
    const struct report_object *a = object_at(left), *b = object_at(right);
    int order = compare_u64(accesses_of(b), accesses_of(a));
    return order ? order : compare_u64(a->id, b->id);
}

static int by_stored(const void *left, const void *right)
{
    const struct report_object *a = object_at(left), *b = object_at(right);
    int order = compare_u64(b->use.bytes_stored, a->use.bytes_stored);
    return order ? order : compare_u64(a->id, b->id);
}

static bool is_block(const struct report_object *o)
{
    return o->kind == OBJECT_HEAP && o->blocks;
}

static bool is_accessed(const struct report_object *o)
{
    return accesses_of(o) != 0;
}

/* Of blocks `never_read` says more, and frames are made anew with each call. */
static bool is_write_only(const struct report_object *o)
{
    return (o->kind == OBJECT_VARIABLE || o->kind == OBJECT_SEGMENT) && o->use.stores && !o->use.loads;
}

/* Those that are chosen, in order; to be freed.  NULL when memory is short. */
static const struct report_object **rank(struct output *out, const struct report *r, choose_object *choose,
                                         order_objects *order, size_t *count)
{
    const struct report_object **list = calloc(r->object_count + 1, sizeof *list);
    *count = 0;
    if (!list) {
        out->number = ENOMEM;
        return NULL;
    }
    for (size_t i = 0; i < r->object_count; i++)
        if (choose(&r->objects[i]))
            list[(*count)++] = &r->objects[i];
    qsort(list, *count, sizeof *list, order);
    return list;
}

static void put_count(struct output *out, uint64_t count, const char *one, const char *more)
{
    char number[NUMBER_SIZE];
    number_grouped(number, count);
    output_printf(out, "%s %s", number, count == 1 ? one : more);
}

static void put_bytes(struct output *out, const char *before, uint64_t bytes)
{
    char number[NUMBER_SIZE];
    number_bytes(number, bytes);
    output_printf(out, "%s%s", before, number);
}

/* How many, how large, how long in use, and at the same time. */
static void put_blocks(struct output *out, const struct report_object *o)
{
    const struct object_use *u = &o->use;
    put_count(out, o->blocks, "block", "blocks");
    put_bytes(out, " of ", u->smallest);
    if (u->largest != u->smallest)
        put_bytes(out, " to ", u->largest);
    output_text(out, ", in use for ");
    put_count(out, u->lifetime / o->blocks, "access", "accesses");
    output_printf(out, "%s\n%*s", o->blocks == 1 ? "" : " on average", INDENT, "");
    put_bytes(out, "at most ", u->peak_bytes);
    output_text(out, " in ");
    put_count(out, u->peak_blocks, "block at a time, ", "blocks at a time, ");
    if (!u->live_blocks) {
        output_text(out, o->blocks == 1 ? "freed" : "all freed");
    } else {
        put_count(out, u->live_blocks, "block", "blocks");
        output_text(out, " in use at the end");
    }
    output_printf(out, "\n%*s", INDENT, "");
}

static void put_block(struct output *out, const struct report *r, const struct report_object *o)
{
    const struct object_use *u = &o->use;
    char share[NUMBER_SIZE];
    put_object_cut(out, r, o, WORDS_COLUMNS - 16);
    output_printf(out, "\n%*s", INDENT, "");
    put_blocks(out, o);
    put_bytes(out, "loaded ", u->bytes_loaded);
    put_bytes(out, ", stored ", u->bytes_stored);
    if (!u->never_read) {
        output_text(out, "\n");
        return;
    }
    number_share(share, o->size ? (double)u->never_read / (double)o->size : 0);
    put_bytes(out, "; never read: ", u->never_read);
    output_printf(out, " (%s)", share);
    if (u->never_read_blocks && o->blocks > 1) {
        output_text(out, ", ");
        put_count(out, u->never_read_blocks, "whole block", "whole blocks");
    }
    output_text(out, "\n");
}

static void put_heap(struct output *out, const struct report *r)
{
    size_t count, most = r->top ? r->top : ROWS;
    const struct report_object **list = rank(out, r, is_block, by_size, &count);
    if (list && count)
        output_printf(out, "\nBlocks of the heap, by what allocated them (%zu of %zu):\n", count < most ? count : most,
                      count);
    for (size_t i = 0; list && i < count && i < most; i++) {
        char bytes[NUMBER_SIZE];
        number_bytes(bytes, list[i]->size);
        output_printf(out, "%3zu. %11s  ", i + 1, bytes);
        put_block(out, r, list[i]);
    }
    free(list);
}

/* By share of all accesses, as many as say something. */
static void put_hot(struct output *out, const struct report *r)
{
    uint64_t all = 0;
    size_t count, most = r->top ? r->top : ROWS;
    for (size_t i = 0; i < r->object_count; i++)
        all += accesses_of(&r->objects[i]);
    const struct report_object **list = rank(out, r, is_accessed, by_accesses, &count);
    if (list && count)
        output_printf(out, "\nWhat is accessed most (%zu of %zu objects):\n", count < most ? count : most, count);
    for (size_t i = 0; list && i < count && i < most; i++) {
        char share[NUMBER_SIZE];
        number_share(share, (double)accesses_of(list[i]) / (double)all);
        output_printf(out, "%3zu. %6s  ", i + 1, share);
        put_object_cut(out, r, list[i], WORDS_COLUMNS - 8);
        output_printf(out, "\n%*s", INDENT + 7, "");
        put_count(out, list[i]->use.loads, "load, ", "loads, ");
        put_count(out, list[i]->use.stores, "store\n", "stores\n");
    }
    free(list);
}

static void put_write_only(struct output *out, const struct report *r)
{
    size_t count, most = r->top ? r->top : ROWS;
    const struct report_object **list = rank(out, r, is_write_only, by_stored, &count);
    if (list && count)
        output_printf(out, "\nStored and never loaded (%zu of %zu variables and fields):\n",
                      count < most ? count : most, count);
    for (size_t i = 0; list && i < count && i < most; i++) {
        char bytes[NUMBER_SIZE];
        number_bytes(bytes, list[i]->use.bytes_stored);
        output_printf(out, "%3zu. %11s  ", i + 1, bytes);
        put_object_cut(out, r, list[i], WORDS_COLUMNS - 16);
        output_text(out, "\n");
    }
    free(list);
}

void put_object_use(struct output *out, const struct report *r)
{
    if (!r->by_object)
        return;
    put_heap(out, r);
    put_hot(out, r);
    put_write_only(out, r);
}
