/* wasi.h: what each function of WASI preview 1, and of the snapshot before it, reads and writes in memory (docs/semantics.md
 * "The host"; the functions and their parameters: wasi_snapshot_preview1.witx, wasi_unstable.witx). */
#ifndef MT_REWRITE_WASI_H
#define MT_REWRITE_WASI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define WASI_MODULE "wasi_snapshot_preview1"
#define WASI_FIRST_MODULE "wasi_unstable" /* the same functions but sock_accept; two structures differ */

enum wasi_shape {
    /* What the host reads whether or not the call succeeds, as far as the error leaves it open. */
    WASI_PATH,          /* parameter `length` bytes */
    WASI_TABLE,         /* iovecs, `length` of them; `count` points to the number of bytes that the call returns */
    WASI_SUBSCRIPTIONS, /* `length` of them */
    WASI_FIRST_SUBSCRIPTIONS,

    /* What only a call that succeeds touches; from WASI_FIXED on. */
    WASI_FIXED,     /* `size` bytes at the pointer */
    WASI_SIZED,     /* parameter `length` bytes */
    WASI_COUNTED,   /* as many bytes as the u32 that the call left where parameter `count` points */
    WASI_GATHERED,  /* read, over the iovecs at the pointer, `length` of them, as many bytes as that u32 says */
    WASI_SCATTERED, /* the same, written */
    WASI_FDSTAT,
    WASI_FILESTAT,
    WASI_FIRST_FILESTAT,
    WASI_PRESTAT,
    WASI_EVENTS,   /* that u32 of them */
    WASI_NAME,     /* of a directory: parameter `length` bytes, or less if it is known to have a shorter one */
    WASI_ARG_PTRS, /* 4 bytes for each argument */
    WASI_ARG_BYTES,
    WASI_ENV_PTRS,
    WASI_ENV_BYTES,
};

struct wasi_range {
    uint8_t shape;                  /* enum wasi_shape */
    uint8_t pointer, length, count; /* parameters */
    uint8_t size;
};

/* What a call tells about later ones. */
enum wasi_note { WASI_NOTHING, WASI_NOTE_ARGS, WASI_NOTE_ENVIRON, WASI_NOTE_PRESTAT, WASI_NOTE_RENUMBER };

/* Which errors say that inputs were not read. */
enum wasi_failure {
    WASI_READS,           /* none */
    WASI_READS_NOTHING,   /* every one */
    WASI_ASKS_DESCRIPTOR, /* a bad descriptor */
    WASI_ASKS_TIMES,      /* that, or a time that is to be both a value (bit 0, bit 2 of `flags`) and now (1, 3) */
};

enum { WASI_MAX_RANGES = 5 };

struct wasi_func {
    const char *name;
    const char *params; /* i: i32, l: i64 */
    bool has_errno;     /* the result is an errno; else there is none */
    uint8_t note;       /* enum wasi_note */
    uint8_t failure;    /* enum wasi_failure */
    uint8_t flags;      /* a parameter */
    uint8_t range_count;
    struct wasi_range ranges[WASI_MAX_RANGES]; /* reads before writes, each in the order of the parameters */
};

/* Fields of a structure with no padding between them. */
struct wasi_part {
    uint8_t offset, size;
};

/* NULL when the snapshot has no such function. */
const struct wasi_func *wasi_find(bool first, const char *name, uint32_t size);

/* What is written of a structure, by address; 0 for another shape. */
size_t wasi_parts(enum wasi_shape shape, const struct wasi_part **parts);

#endif
