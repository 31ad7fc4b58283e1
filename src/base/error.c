#include "base/error.h"

#include <stdarg.h>
#include <stdio.h>

static void set(struct error *err, enum error_code code, uint64_t offset, const char *format, va_list args)
{
    if (err->code != ERROR_NONE)
        return;
    err->code = code;
    err->offset = offset;
    vsnprintf(err->message, sizeof err->message, format, args);
}

bool error_set(struct error *err, enum error_code code, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    set(err, code, ERROR_NO_OFFSET, format, args);
    va_end(args);
    return false;
}

bool error_at(struct error *err, enum error_code code, uint64_t offset, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    set(err, code, offset, format, args);
    va_end(args);
    return false;
}

bool error_no_memory(struct error *err)
{
    return error_set(err, ERROR_MEMORY, "out of memory");
}
