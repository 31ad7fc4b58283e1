/* suppress.h: pairs that somebody knows of are kept out of a report, and counted apart.  Totals stay those of all.
 *
 * Suppressions are text (docs/ci.md):
 *
 *     # a comment
 *     [a name]
 *     kind = dead_store
 *     function = deflate*
 *
 * Each entry has conditions, all of which have to hold; the first entry that fits a pair counts it. */
#ifndef MT_REPORT_SUPPRESS_H
#define MT_REPORT_SUPPRESS_H

#include "report/pattern.h"

enum suppression_key {
    SUPPRESS_KIND,
    SUPPRESS_CLASS,
    SUPPRESS_FUNCTION, /* of either side, also a function that is inlined there or inlined into */
    SUPPRESS_FIRST_FUNCTION,
    SUPPRESS_SECOND_FUNCTION,
    SUPPRESS_OWN, /* the own function (own.h) of either side */
    SUPPRESS_FIRST_OWN,
    SUPPRESS_SECOND_OWN,
    SUPPRESS_LINE, /* of a function of either side: its file, also that of the function, or file:line, or file:line-line */
    SUPPRESS_FIRST_LINE,
    SUPPRESS_SECOND_LINE,
    SUPPRESS_KEYS,
};

struct suppression {
    const char *name;
    unsigned line;                           /* of the file */
    const char *patterns[SUPPRESS_KEYS];     /* NULL: anything; of a line without its numbers */
    struct pattern functions[SUPPRESS_LINE]; /* what those of functions mean in the report */
    uint32_t lines[SUPPRESS_KEYS][2];        /* 0: any */
};

struct suppressions {
    const char *path; /* for messages; borrowed */
    char *text;       /* owner of the strings, cut in place */
    struct suppression *entries;
    size_t count, capacity;
};

/* Takes over the text, which ends with a NUL.  False and *err (`PATH:LINE: …`) where it is wrong.  Release in any
 * case. */
bool suppressions_read(struct suppressions *s, const char *path, char *text, struct error *err);
void suppressions_release(struct suppressions *s);

/* Appends an entry to r->suppressed; its name is kept.  False when memory is short. */
bool suppress_add(struct report *r, const char *name, bool baseline);

/* Drops pairs for which `which` gives the index of an entry (SIZE_MAX: none), and counts them there; it is asked for each pair once, with
 * the pair's place in the list. */
void suppress_drop(struct report *r, size_t (*which)(const void *self, const struct report_pair *p, size_t index),
                   const void *self);

/* Both for all the suppressions.  Entry i of them becomes the i-th of the report's that are new. */
bool suppress_pairs(struct report *r, struct suppressions *s);

/* Of a kind, what was dropped. */
struct report_class report_suppressed_sum(const struct report *r, unsigned kind);

#endif
