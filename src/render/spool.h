/* spool.h: what is too much for memory, kept in unnamed temporary files until it is printed: the pairs by index and the
 * records of a whole trace.
 *
 * The files lie in $TMPDIR, or in /tmp, and vanish with the process.  Each spool is appended to first, then rewound and
 * read, as often as wanted; after a rewind nothing more may be appended.  A failure (ERROR_IO) is set in the error that
 * the spool was opened with, and returned by every later call. */
#ifndef MT_RENDER_SPOOL_H
#define MT_RENDER_SPOOL_H

#include "analyze/index.h"

#include <stdio.h>

/* One temporary file. */
struct spool {
    FILE *stream; /* NULL: closed */
    struct error *err;
    bool failed;
};

bool spool_open(struct spool *s, struct error *err);
void spool_close(struct spool *s); /* of a zeroed or closed one: nothing */
bool spool_put(struct spool *s, const void *bytes, size_t size);
bool spool_rewind(struct spool *s);
size_t spool_get(struct spool *s, void *bytes, size_t size); /* less than `size`: at the end, or failed */

/* The three lists of the text reports. */
enum pair_list { LIST_DEAD_STORE, LIST_SILENT_STORE, LIST_SILENT_LOAD, PAIR_LISTS };

/* Pairs by index, a file for each list.  A pair is three LEB128 numbers, about 5 bytes in all:
 *     second index, minus that of the pair before it in the list (minus 0 for the first)
 *     first index: 0 for init, 1 for the host, else how far before the second it lies, plus 1
 *     bytes × 2, plus 1 for a silent load after a store */
struct pair_spool {
    struct spool files[PAIR_LISTS];
    uint64_t counts[PAIR_LISTS];
    uint64_t previous[PAIR_LISTS]; /* the second index written or read last */
};

bool pair_spool_open(struct pair_spool *p, struct error *err);
void pair_spool_close(struct pair_spool *p);
struct index_sink pair_spool_sink(struct pair_spool *p); /* *p must outlive the sink and stay where it is */

bool pair_spool_rewind(struct pair_spool *p, enum pair_list list);
/* The next pair of a rewound list.  False at the end, or with files[list].failed. */
bool pair_spool_next(struct pair_spool *p, enum pair_list list, struct index_pair *pair);

/* Raw records in execution order. */
struct record_spool {
    struct spool file;
    uint8_t *chunk;
    size_t filled; /* bytes in the chunk */
    size_t used;   /* of these, bytes handed out: whole records */
};

bool record_spool_open(struct record_spool *r, struct error *err);
void record_spool_close(struct record_spool *r);
struct record_sink record_spool_sink(struct record_spool *r); /* *r must outlive the sink and stay where it is */

bool record_spool_rewind(struct record_spool *r);
/* The next batch of whole records, valid until the next call.  False at the end, or with file.failed. */
bool record_spool_next(struct record_spool *r, const uint8_t **records, size_t *size);

#endif
