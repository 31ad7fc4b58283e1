#include "render/output.h"

#include "base/outfile.h"

#include <errno.h>
#include <stdarg.h>
#include <string.h>

void output_init(struct output *o, FILE *stream, const char *path)
{
    *o = (struct output){.stream = stream, .path = path};
}

static void note_failure(struct output *o)
{
    o->number = errno ? errno : EIO;
}

void output_put(struct output *o, const void *bytes, size_t size)
{
    if (o->number)
        return;
    errno = 0;
    if (fwrite_unlocked(bytes, 1, size, o->stream) != size)
        note_failure(o);
}

void output_text(struct output *o, const char *text)
{
    output_put(o, text, strlen(text));
}

void output_decimal(struct output *o, uint64_t value)
{
    char digits[20];
    size_t at = sizeof digits;
    do {
        digits[--at] = (char)('0' + value % 10);
        value /= 10;
    } while (value);
    output_put(o, digits + at, sizeof digits - at);
}

void output_printf(struct output *o, const char *format, ...)
{
    if (o->number)
        return;
    va_list args;
    va_start(args, format);
    errno = 0;
    if (vfprintf(o->stream, format, args) < 0)
        note_failure(o);
    va_end(args);
}

void output_style(struct output *o, enum output_style style)
{
    static const char *const codes[STYLE_STYLES] = {
        [STYLE_PLAIN] = "\x1b[0m",  [STYLE_HEAD] = "\x1b[1m",      [STYLE_SOURCE] = "\x1b[32m",
        [STYLE_PLACE] = "\x1b[36m", [STYLE_SUREST] = "\x1b[1;31m", [STYLE_WASTE] = "\x1b[33m",
    };
    if (o->colour)
        output_text(o, codes[style]);
}

bool output_finish(struct output *o, struct error *err)
{
    errno = 0;
    if (!o->number && (fflush(o->stream) != 0 || ferror(o->stream)))
        note_failure(o);
    return o->number ? outfile_error(o->path, o->number, err) : true;
}
