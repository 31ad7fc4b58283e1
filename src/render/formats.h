/* formats.h: the forms that a report can take, a line each in formats.c's table.  A renderer reads nothing but the
 * report, and writes through the output, which remembers what failed. */
#ifndef MT_RENDER_FORMATS_H
#define MT_RENDER_FORMATS_H

#include "render/output.h"
#include "report/report.h"

#include <stdbool.h>

enum { FORMATS_MAX = 32, FORMAT_SUFFIXES_MAX = 3 };

struct format {
    const char *name; /* as --format has it */
    void (*render)(struct output *out, const struct report *r);
    const char *summary; /* what it is for, a few words */
    bool page;           /* a page for people: sources and a map of memory are wanted in the report */
    const char *suffixes[FORMAT_SUFFIXES_MAX]; /* what files of it are called */
};

/* The format whose suffix the path ends in, in capitals, too: the longest one that fits.  NULL where none does. */
const struct format *format_of_path(const char *path);
/* NULL where there is no such format, or no further one. */
const struct format *format_find(const char *name);
const struct format *format_at(size_t index); /* 0 is text, which -f makes longer: render.h */

static inline bool format_is_text(const struct format *f)
{
    return f == format_at(0);
}

#endif
