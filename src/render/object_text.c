/* The summary's ranking of objects, and the object of a pair. */
#include "render/object_text.h"

#include "render/names.h"
#include "render/number.h"
#include "trace/object.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { RANKED = 10, WORDS_COLUMNS = 75 };

char *object_words(const struct report *r, const struct report_object *o)
{
    char *text = NULL;
    size_t size = 0;
    FILE *stream = open_memstream(&text, &size);
    if (!stream)
        return NULL;
    struct output memory;
    output_init(&memory, stream, NULL);
    put_object_words(&memory, r, o);
    if (fclose(stream) == 0 && !output_failed(&memory))
        return text;
    free(text);
    return NULL;
}

/* The end of a text, of at most so many bytes. */
static const char *tail_of(const char *text, size_t limit)
{
    size_t size = strlen(text);
    const char *tail = size > limit ? text + size - limit : text;
    while (((unsigned char)*tail & 0xC0) == 0x80)
        tail++;
    return tail;
}

/* Of a call path the innermost functions count most. */
void put_object_cut(struct output *out, const struct report *r, const struct report_object *o, size_t limit)
{
    static const char by[] = "heap, by …";
    char *text = object_words(r, o);
    size_t size = text ? strlen(text) : 0;
    if (!text) {
        out->number = ENOMEM;
        return;
    }
    if (size > limit && o->kind == OBJECT_HEAP && strstr(text, " > ")) {
        output_printf(out, "%s%s", by, tail_of(text, limit - sizeof by));
    } else if (size > limit) {
        while (limit && ((unsigned char)text[limit] & 0xC0) == 0x80)
            limit--;
        text[limit] = '\0';
        output_printf(out, "%s…", text);
    } else {
        output_text(out, text);
    }
    free(text);
}

void put_pair_object(struct output *out, const struct report *r, const struct report_pair *pair)
{
    if (!pair->object_count)
        return;
    const struct report_pair_object *o = pair->objects;
    char share[NUMBER_SIZE], count[NUMBER_SIZE];
    output_text(out, "      in     ");
    put_object_cut(out, r, &r->objects[o->object - 1], WORDS_COLUMNS - 20);
    if (pair->object_count > 1) {
        number_share(share, (double)o->bytes / (double)pair->bytes);
        number_grouped(count, pair->object_count);
        output_printf(out, " (%s, of %s objects)", share, count);
    }
    output_text(out, "\n");
}

void put_object_ranking(struct output *out, const struct report *r)
{
    uint64_t all = 0, wasteful = 0;
    for (size_t i = 0; i < r->object_count; i++) {
        all += report_object_waste(&r->objects[i]);
        wasteful += report_object_waste(&r->objects[i]) != 0;
    }
    bool grouped = r->grouped_by && strcmp(r->grouped_by, "object") == 0; /* the same, of pairs that were asked for */
    if (!r->by_object || !all || grouped)
        return;
    char count[NUMBER_SIZE], share[NUMBER_SIZE], bytes[NUMBER_SIZE];
    number_grouped(count, wasteful);
    output_printf(out, "\nThe objects with most of the bytes of redundant loads, dead and silent stores (of %s):\n",
                  count);
    for (size_t i = 0; i < r->object_count && i < RANKED; i++) {
        const struct report_object *o = &r->objects[i];
        if (!report_object_waste(o))
            break;
        number_share(share, (double)report_object_waste(o) / (double)all);
        number_bytes(bytes, report_object_waste(o));
        output_printf(out, "%3zu. %6s %11s  ", i + 1, share, bytes);
        put_object_cut(out, r, o, WORDS_COLUMNS);
        output_text(out, "\n");
        if (o->kind == OBJECT_HEAP) {
            number_grouped(count, o->blocks);
            number_bytes(bytes, o->size);
            output_printf(out, "%24s%s block%s, %s together\n", "", count, o->blocks == 1 ? "" : "s", bytes);
        } else if (o->size) {
            number_bytes(bytes, o->whole ? o->field_size : o->size);
            output_printf(out, "%24s%s\n", "", bytes);
        }
    }
}
