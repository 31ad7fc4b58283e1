/* habit.h: what earlier runs of a module showed about a load or store (analyze/habits.h), and so which code stands beside it
 * (rewrite/hot.c).  What a report says never depends on it. */
#ifndef MT_TRACE_HABIT_H
#define MT_TRACE_HABIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum habit_kind {
    HABIT_COLD,   /* runs too seldom to matter, or nothing is known */
    HABIT_ODD,    /* often does not meet whole marks: mixed granules, addresses that are not aligned */
    HABIT_STEADY, /* meets the mark `key` nearly always */
    HABIT_VARIED, /* meets several marks */
    HABIT_READ,   /* a store that nearly always overwrites what has been read: nothing to count */
};

/* A table holds how often a site met some marks (planes.h).  Which entry a mark has is found by multiplicative hashing
 * (Knuth, The Art of Computer Programming 3, section 6.4), with a factor that keeps the site's marks apart. */
struct habit_table {
    uint8_t log2; /* of its entries */
    uint8_t seed; /* makes the factor */
};

static inline uint32_t habit_factor(const struct habit_table *t)
{
    return UINT32_C(0x9e3779b1) * (2u * t->seed + 1);
}

struct habit {
    uint32_t key;
    uint32_t
        marks; /* where in struct habits the marks begin that its tables start with: one for each entry, 0 for none; those
                     * of `met` and, of a store, of `silent` */
    uint8_t kind; /* enum habit_kind */
    uint8_t often_silent;
    struct habit_table met, silent; /* `silent`: a store's, of the writers that it silently met */
    struct habit_table
        mixed; /* of rows of marks of bytes, which a load of 4 or 8 bytes (VARIED) often meets; log2 0: seldom */
};

/* Of a whole module, by site, in the order of the site table. */
struct habits {
    struct habit *by_site;
    size_t count;    /* 0: nothing is known */
    uint32_t *marks; /* trace/planes.h */
    size_t mark_count;
};

/* How many marks a hot site has there. */
static inline size_t habit_marks(const struct habit *h, bool store)
{
    return ((size_t)1 << h->met.log2) + (store ? (size_t)1 << h->silent.log2 : 0);
}

/* Whether the site's code, if it stands in the body, is that of rewrite/hot.c. */
static inline bool habit_is_hot(const struct habit *h)
{
    return h->kind >= HABIT_STEADY;
}

#endif
