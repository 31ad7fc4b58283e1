#include "render/formats.h"

#include "render/render.h"

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
