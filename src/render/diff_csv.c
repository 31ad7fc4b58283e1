/* A record for each pair or group, as csv.c writes them. */
#include "render/cells.h"
#include "render/diff.h"
#include "render/names.h"

#include <inttypes.h>
#include <string.h>

static void put_side(struct output *out, const struct match_side *s, bool line)
{
    put_cell(out, s->shown);
    put_cell(out, s->file ? s->file : "");
    if (line)
        put_number(out, s->line, s->line > 0);
}

static void put_counts(struct output *out, const struct diff_row *row)
{
    put_number(out, row->old.instances, true);
    put_number(out, row->new.instances, true);
    put_number(out, row->old.bytes, true);
    put_number(out, row->new.bytes, true);
    output_printf(out, ",%s%" PRIu64, row->new.bytes < row->old.bytes ? "-" : "", diff_size(row));
}

void render_diff_csv(struct output *out, const struct report_diff *d)
{
    const bool by_line = d->by && strcmp(d->by, "line") == 0, by_object = d->by && strcmp(d->by, "object") == 0;
    output_printf(out, "change,%s,old_instances,new_instances,old_bytes,new_bytes,bytes_change",
                  by_line     ? "function,file,line"
                  : by_object ? "object"
                  : d->by     ? "function,file"
                              : "kind,first_function,first_file,first_line,second_function,second_file,second_line");
    for (unsigned kind = 0; d->by && kind < DEFECT_KINDS; kind++)
        output_printf(out, ",old_%s,new_%s", kind_name(match_kinds[kind]), kind_name(match_kinds[kind]));
    output_text(out, ",old_effect,new_effect\r\n");
    for (size_t i = 0; i < d->count && !output_failed(out); i++) {
        const struct diff_row *row = &d->rows[i];
        output_text(out, diff_change_name(row->change));
        if (!d->by) {
            output_printf(out, ",%s", kind_name(match_kinds[row->kind]));
            put_side(out, row->first, true);
        }
        if (by_object)
            put_cell(out, row->second->shown);
        else
            put_side(out, row->second, !d->by || by_line);
        put_counts(out, row);
        for (unsigned kind = 0; d->by && kind < DEFECT_KINDS; kind++) {
            put_number(out, row->old.kinds[kind], true);
            put_number(out, row->new.kinds[kind], true);
        }
        output_printf(out, ",%.3f,%.3f\r\n", row->old.effect, row->new.effect);
    }
}
