#include "render/formats.h"

#include "render/render.h"
#include "render/suppressed.h"
#include "render/viewers.h"

#include <errno.h>
#include <string.h>

static void html(struct output *out, const struct report *r)
{
    if (!render_html(out, r) && !out->number)
        out->number = ENOMEM;
}

static const struct format formats[] = {
    {"text", render_summary, "what a person wants to know first", false},
    {"json", render_json, "everything, for programs", false},
    {"html", html, "a page for browsers", true},
    {"pprof", render_pprof, "gzipped, for go tool pprof", false},
    {"speedscope", render_speedscope, "for speedscope", false},
    {"folded", render_folded, "stacks for flame graph tools", false},
    {"callgrind", render_callgrind, "for KCachegrind and callgrind_annotate", false},
    {"sarif", render_sarif, "for code scanning", false},
    {"csv", render_csv, "for spreadsheets", false},
    {"suppressions", render_suppressions, "entries that keep the pairs out of later reports", false},
};

const struct format *format_at(size_t index)
{
    return index < sizeof formats / sizeof *formats ? &formats[index] : NULL;
}

const struct format *format_find(const char *name)
{
    for (size_t i = 0; format_at(i); i++)
        if (strcmp(formats[i].name, name) == 0)
            return &formats[i];
    return NULL;
}
