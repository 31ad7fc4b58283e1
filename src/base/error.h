/* error.h: the one error object that every station fills and the command line prints.
 *
 * A function that can fail takes a `struct error *`, returns false (or NULL) when it did, and has then set the
 * object.  The first error wins: a later error_set on the same object is dropped, so the cause is what a user reads. */
#ifndef MT_BASE_ERROR_H
#define MT_BASE_ERROR_H

#include <stdbool.h>
#include <stdint.h>

enum error_code {
    ERROR_NONE = 0,
    ERROR_MEMORY,      /* an allocation failed */
    ERROR_INPUT,       /* the module's bytes are not what they should be; usually with an offset */
    ERROR_UNSUPPORTED, /* valid perhaps, but not something that this tool handles */
    ERROR_LIMIT,       /* the result would pass a limit that engines have */
    ERROR_IO,          /* the system refused a file */
    ERROR_ENGINE,      /* wasmtime refused */
    ERROR_USAGE,       /* options that do not fit together */
};

#define ERROR_NO_OFFSET UINT64_MAX

struct error {
    enum error_code code;
    uint64_t offset;    /* bytes from the start of the input file, or ERROR_NO_OFFSET */
    char message[8192]; /* one line, no newline, NUL-terminated, cut where it is too long */
};

#define ERROR_INIT ((struct error){ERROR_NONE, ERROR_NO_OFFSET, ""})

/* Sets *err unless it holds an error already.  Always returns false, so that a caller may `return error_set(…)`. */
bool error_set(struct error *err, enum error_code code, const char *format, ...)
    __attribute__((format(printf, 3, 4))); /* checked by gcc and clang; the only way to check our own formats */
bool error_at(struct error *err, enum error_code code, uint64_t offset, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
bool error_no_memory(struct error *err);

#endif
