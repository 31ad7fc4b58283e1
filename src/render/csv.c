/* RFC 4180, a record for each pair.  A cell of text that a spreadsheet would take for a formula gets an apostrophe in front. */
#include "base/buf.h"
#include "render/cells.h"
#include "render/names.h"
#include "render/object_text.h"
#include "render/stacks.h"
#include "render/viewers.h"
#include "report/distance.h"
#include "report/effect.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

void put_cell(struct output *out, const char *text)
{
    output_text(out, ",\"");
    if (*text && strchr("=+-@\t\r", *text))
        output_text(out, "'");
    for (size_t n; *text; text += n) {
        n = strcspn(text, "\"");
        output_put(out, text, n);
        if (text[n]) {
            output_text(out, "\"\"");
            n++;
        }
    }
    output_text(out, "\"");
}

void put_number(struct output *out, uint64_t value, bool known)
{
    output_text(out, ",");
    if (known)
        output_decimal(out, value);
}

static void put_side(struct output *out, const struct report_side *side)
{
    static const char *const origins[] = {[ORIGIN_SITE] = "code", [ORIGIN_INIT] = "init", [ORIGIN_HOST] = "host"};
    const struct report_frame *f = report_own_frame(side);
    output_printf(out, ",%s", origins[side->origin]);
    put_number(out, side->loc, side->origin == ORIGIN_SITE);
    put_cell(out, f && f->function ? f->function : side->name);
    put_cell(out, side->op);
    put_cell(out, f && f->file ? f->file : "");
    put_number(out, f ? f->line : 0, f && f->line);
}

/* What is inlined at the own place, down to the instruction. */
static bool put_inside(struct output *out, const struct report_side *side)
{
    struct buf names;
    buf_init(&names, SIZE_MAX / 2);
    for (uint32_t i = report_own_index(side); i-- > 0;)
        buf_printf(&names, "%s%s", names.size ? "; " : "", side->frames[i].function ? side->frames[i].function : "?");
    buf_put_u8(&names, 0);
    bool ok = !names.failed;
    if (ok)
        put_cell(out, (const char *)names.data);
    buf_release(&names);
    return ok;
}

/* Class, advice, the constant, marks; the object that has most of the bytes, and how many. */
static void put_knowledge(struct output *out, const struct report *r, const struct report_pair *p)
{
    output_printf(out, ",%s", p->what == CLASS_NONE ? "" : report_class_name((enum pair_class)p->what));
    put_cell(out, p->advice ? p->advice : "");
    put_cell(out, p->constant ? p->constant : "");
    const char *separator = ",";
    for (unsigned mark = MARK_ATOMIC; mark <= MARK_COPY; mark <<= 1)
        if (p->marks & mark) {
            output_printf(out, "%s%s", separator, report_mark_name((enum pair_mark)mark));
            separator = " ";
        }
    output_text(out, p->marks ? "" : ",");
    char *object = p->object_count ? object_words(r, &r->objects[p->objects->object - 1]) : NULL;
    if (p->object_count && !object)
        out->number = ENOMEM;
    put_cell(out, object ? object : "");
    put_number(out, p->object_count ? p->objects->bytes : 0, p->object_count);
    free(object);
}

/* The bucket that most bytes are in, how sure that is, and bytes by span. */
static void put_distance(struct output *out, const struct report_distance *d)
{
    output_printf(out, ",%s,%s", report_distance_measured(d) ? report_bucket_name(report_distance_bucket(d)) : "",
                  !d->known  ? ""
                  : d->exact ? "1"
                             : "0");
    for (unsigned span = 0; span < DISTANCE_SPANS; span++)
        put_number(out, d->sums.spans[span], d->known);
    put_number(out, d->sums.places, d->sums.places > 0);
}

void render_csv(struct output *out, const struct report *r)
{
    output_text(out,
                "kind,instances,bytes,first_origin,first_loc,first_function,first_op,first_file,first_line,"
                "second_origin,second_loc,second_function,second_op,second_file,second_line,"
                "class,advice,constant,marks,object,object_bytes,effect,effect_share,effect_grade,first_inlined,"
                "second_inlined,distance,distance_exact,same_round_bytes,between_rounds_bytes,far_bytes,places\r\n");
    for (size_t i = 0; i < r->pair_count && !output_failed(out); i++) {
        const struct report_pair *p = &r->pairs[i];
        output_text(out, kind_name(p->kind));
        put_number(out, p->instances, true);
        put_number(out, p->bytes, true);
        put_side(out, &p->first);
        put_side(out, &p->second);
        put_knowledge(out, r, p);
        const double effect = effect_of_pair(p);
        output_printf(out, ",%.3f,%.6f,%s", effect, effect_share(r, effect),
                      effect_grade_name(effect_grade(r, effect)));
        if (!put_inside(out, &p->first) || !put_inside(out, &p->second))
            out->number = ENOMEM;
        put_distance(out, &p->distance);
        output_text(out, "\r\n");
    }
}
