#include "render/line.h"
#include "render/names.h"
#include "render/render.h"

static void put_entry(struct line *l, const struct index_pair *pair, struct output *out)
{
    line_text(l, "    (");
    if (pair->first == INDEX_INIT)
        line_text(l, "init");
    else if (pair->first == INDEX_HOST)
        line_text(l, "host");
    else
        line_decimal(l, pair->first);
    line_text(l, ", ");
    line_decimal(l, pair->second);
    line_text(l, ")  // ");
    line_text(l, load_class(pair->kind));
    line_decimal(l, pair->bytes);
    line_text(l, " bytes");
    line_end(l, out);
}

bool render_index_text(struct output *out, struct pair_spool *pairs)
{
    struct line l = {0};
    output_text(out, "DefectResults (by index) {\n");
    for (enum pair_list list = 0; list < PAIR_LISTS; list++) {
        put_list_head(out, list, pairs->counts[list]);
        if (!pair_spool_rewind(pairs, list))
            return false;
        struct index_pair pair;
        while (!output_failed(out) && pair_spool_next(pairs, list, &pair))
            put_entry(&l, &pair, out);
        if (pairs->files[list].failed)
            return false;
    }
    output_text(out, "}\n");
    return true;
}
