/* watch.h: how far the sides of pairs are apart, by samples, while a program keeps its own planes (docs/report.md "Distances").
 *
 * A granule that is watched has MARK_PENDING in the touch plane, as if accesses to it were still to be judged; so whatever touches it
 * next asks the host, who thus knows both sides, and how many accesses lie between.  Now and then the program's code has the host watch what
 * it has just touched (HOST_WATCH).  How often is decided by counts alone, never by the clock: equal runs have equal samples. */
#ifndef MT_ANALYZE_WATCH_H
#define MT_ANALYZE_WATCH_H

#include "analyze/distances.h"
#include "analyze/planes.h"

enum {
    WATCH_FIRES = 8,          /* as often a granule is watched again */
    WATCH_RARE = 1 << 13,     /* counters with a smaller part of all accesses are left out */
    WATCH_SHARE = 32,         /* for so many accesses, one unit of work: about what it takes to read a counter */
    WATCH_FREE = 1 << 20,     /* units from the beginning */
    WATCH_TICKS = 16,         /* a unit is worth at least so many accesses by functions */
    WATCH_CALL = 200,         /* units of a call of the host */
    WATCH_ACCESSES = 1000000, /* shorter runs are not worth a sample in the report */
};

/* Of planes.watched[i], if that is live. */
struct watch {
    uint32_t byte; /* which the first side touched */
    site_id first;
    unsigned fires;
    uint64_t time, runs; /* at the first side; how often it had run */
};

struct watch_counter {
    uint32_t counter, sites; /* which it counts */
};

struct watcher {
    const struct site_table *table;
    struct planes *planes;
    const uint64_t *stamp;    /* accesses that the host judged */
    struct distances sampled; /* of pairs: how many samples, where others have bytes */
    struct watch watches[PLANES_WATCHED];
    struct watch_counter *counters; /* those that had counted something when they were last looked through */
    size_t count;
    uint64_t spent, now; /* units; accesses */
    uint64_t ticks,
        look_at; /* accesses by functions that call HOST_WATCH now and then; when to look for counters again */
    uint32_t interval, turn; /* in ticks, between two such calls; how many there were */
};

/* Before the program runs.  False when memory is short; may be closed even so. */
bool watch_open(struct watcher *w, const struct site_table *table, struct planes *planes, const uint64_t *stamp);
void watch_close(struct watcher *w);

/* HOST_WATCH: the site of `own` has just touched `address`. */
void watch_begin(struct watcher *w, mark own, uint64_t address);

/* Around a load or store that the host judges: the watched granules that it touches get their marks back, and what that says of pairs is
 * noted; they are watched again.  False when memory is short. */
bool watch_before(struct watcher *w, mark own, uint64_t address, bool silent, uint64_t *fired);
void watch_behind(struct watcher *w, mark own, uint64_t address, uint64_t fired);

/* To *out, which has all pairs: what was found of each, in its bytes, rounded.  Nothing where the run was too short.  False when memory is
 * short. */
bool watch_give(struct watcher *w, struct counters *out);

#endif
