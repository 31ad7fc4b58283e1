#include "render/formats.h"

#include "render/render.h"
#include "render/suppressed.h"
#include "render/viewers.h"

#include <errno.h>
#include <string.h>
#include <strings.h>

static void html(struct output *out, const struct report *r)
{
    if (!render_html(out, r) && !out->number)
        out->number = ENOMEM;
}

static const struct format formats[] = {
    {"text", render_details, "what a person wants to know first", false, {".txt"}},
    {"json", render_json, "everything, for programs", false, {".json"}},
    {"html", html, "a page for browsers", true, {".html", ".htm"}},
    {"pprof", render_pprof, "gzipped, for go tool pprof", false, {".pprof", ".pb.gz"}},
    {"speedscope", render_speedscope, "for speedscope", false, {".speedscope.json", ".speedscope"}},
    {"folded", render_folded, "stacks for flame graph tools", false, {".folded"}},
    {"callgrind", render_callgrind, "for KCachegrind and callgrind_annotate", false, {".callgrind"}},
    {"sarif", render_sarif, "for code scanning", false, {".sarif", ".sarif.json"}},
    {"csv", render_csv, "for spreadsheets", false, {".csv"}},
    {"suppressions", render_suppressions, "entries that keep the pairs out of later reports", false, {".supp"}},
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

const struct format *format_of_path(const char *path)
{
    const struct format *found = NULL;
    size_t size = strlen(path), longest = 0;
    for (size_t i = 0; format_at(i); i++)
        for (size_t k = 0; k < FORMAT_SUFFIXES_MAX && formats[i].suffixes[k]; k++) {
            const char *suffix = formats[i].suffixes[k];
            size_t n = strlen(suffix);
            if (n > longest && n < size && strcasecmp(path + size - n, suffix) == 0) {
                found = &formats[i];
                longest = n;
            }
        }
    return found;
}
