/* wasi.h: what each function of WASI preview 1 reads and writes in memory (semantics.md, section 4; the functions and
 * their parameters: wasi_snapshot_preview1.witx). */
#ifndef MT_REWRITE_WASI_H
#define MT_REWRITE_WASI_H

#include <stdbool.h>
#include <stdint.h>

#define WASI_MODULE "wasi_snapshot_preview1"

enum wasi_shape {
    WASI_FIXED,    /* `scale` bytes at the pointer */
    WASI_SCALED,   /* parameter `length` times `scale` bytes */
    WASI_COUNTED,  /* `scale` times the u32 that the call left where parameter `count` points */
    WASI_IOVECS,   /* over the iovec table at the pointer, of `length` entries, as many bytes as that u32 says */
    WASI_ARG_PTRS, /* 4 bytes for each argument */
    WASI_ARG_BYTES,
    WASI_ENV_PTRS,
    WASI_ENV_BYTES,
    WASI_PRESTAT, /* a directory's name: parameter `length`, or less if the directory is known to have a shorter one */
};

struct wasi_range {
    uint8_t writes;                 /* 0: the host reads the range */
    uint8_t always;                 /* also when the call fails */
    uint8_t shape;                  /* enum wasi_shape */
    uint8_t pointer, length, count; /* parameters */
    uint8_t scale;
};

/* What a call tells about later ones. */
enum wasi_note { WASI_NOTHING, WASI_NOTE_ARGS, WASI_NOTE_ENVIRON, WASI_NOTE_PRESTAT };

enum { WASI_MAX_RANGES = 5 };

struct wasi_func {
    const char *name;
    const char *params; /* i: i32, l: i64 */
    bool has_errno;     /* the result is an errno; else there is none */
    uint8_t note;
    uint8_t range_count;
    struct wasi_range ranges[WASI_MAX_RANGES]; /* reads before writes, each in the order of the parameters */
};

/* NULL when preview 1 has no such function. */
const struct wasi_func *wasi_find(const char *name, uint32_t size);

#endif
