/* location_state.h: the inside of the analysis by location, shared by its files and nobody else:
 *
 *     location.c    the contract of location.h, and the loop over records with its fast paths; location_follow.h is a part of it
 *     accesses.c    every access, the general way
 *     barrier.c     opaque calls, and what needs a sweep over all entries
 *     shadow.c      the entries
 *     distances.c   how far the sides of pairs are apart; times.c: when bytes were touched
 *     clones.c      what is kept of clones
 *     count.c       counts of pairs, of locations and of locations in contexts
 *     pairs.c       tables of counts
 *     clone_pairs.c the same for millions of pairs */
#ifndef MT_ANALYZE_LOCATION_STATE_H
#define MT_ANALYZE_LOCATION_STATE_H

#include "analyze/clone_pairs.h"
#include "analyze/distances.h"
#include "analyze/location.h"
#include "analyze/memory_map.h"
#include "analyze/pairs.h"
#include "analyze/shadow.h"
#include "analyze/unread.h"

/* How the loop over records treats a site. */
enum site_path {
    PATH_UNSEEN, /* nothing is known about the site yet; also what every id below SITE_FIRST has */
    PATH_GENERAL,
    PATH_LOAD_1,
    PATH_LOAD_2,
    PATH_LOAD_4,
    PATH_LOAD_8,
    PATH_LOAD_16,
    PATH_STORE_1,
    PATH_STORE_2,
    PATH_STORE_4,
    PATH_STORE_8,
    PATH_STORE_16,
    PATH_ELSEWHERE, /* a load or store that is not in memory 0, or has 64-bit addresses */
};

/* What the loop needs of a site, two sites to a cache line.
 *
 * An access whose bytes all make the same pair, the common case, is counted here: `key` holds the last partners, `hits`
 * how many accesses they were met by.  A load's keys are toucher halves of entries (0: a partner that does not count);
 * a store's are writer halves with ENTRY_UNREAD set, [0] of dead stores and [1] of silent ones.  Counts go to the totals
 * in flush_sites, before they can overflow. */
struct fast_site {
    uint32_t offset; /* static offset */
    uint8_t path;    /* enum site_path */
    uint8_t shape;   /* PATH_ELSEWHERE: which of the loads or stores it is */
    uint16_t width;
    uint32_t key[2];
    uint32_t hits[2];
    uint32_t count; /* records; a load's that are in `hits` are not in here */
    uint32_t base;  /* the id of the instruction: its own, but for clones */
};

struct location_analysis {
    const struct site_table *table;
    struct error *err;
    struct fast_site *sites; /* by id, from 0 */
    size_t site_count;
    bool huge_sites; /* clones' have huge pages */
    struct shadow shadow;
    struct distances distances;
    bool measures; /* distances are followed; only then is what they need there */
    struct pair_table pairs;
    struct clone_pairs
        clone_pairs;  /* where the table may have clones: of their ids; `pairs` is then no sum (count.c) */
    uint64_t stamp;   /* of the last access that was not counted at its site */
    uint64_t pending; /* how many records may have been counted at sites since flush_sites */
    /* What was flushed; bulk accesses and cmpxchgs add their bytes at once. */
    uint64_t accesses[ACCESS_OPAQUE_LEAVE + 1];
    uint64_t bytes_loaded, bytes_stored;
    struct opaque_count *opaque; /* ascending func */
    size_t opaque_count, opaque_capacity;
    struct map_grid *map; /* NULL: addresses are not followed */
    uint64_t fed;         /* records; where addresses are followed */
    /* The next barrier must sweep everything, not just marked lines: nothing was marked until the first one. */
    bool sweep_unread, sweep_touched;
};

/* accesses.c */
bool access_general(struct location_analysis *a, const uint8_t *record);
/* Decides how the loop over records treats a site from its second record on. */
void access_choose_path(const struct location_analysis *a, struct fast_site *fast, site_id id);

/* count.c: the part of an access, whose stamp is a->stamp, that has this first side; what several accesses brought. */
bool count_part(struct location_analysis *a, enum defect_kind kind, site_id first, site_id second, uint64_t bytes);
bool count_pairs(struct location_analysis *a, enum defect_kind kind, site_id first, site_id second, uint64_t instances,
                 uint64_t bytes);

/* Where the table may have clones: pairs and context_pairs of *out, as location_analysis_counters says. */
bool count_sums(struct location_analysis *a, struct counters *out);

/* barrier.c */
bool barrier_enter(struct location_analysis *a, uint32_t func);
bool barrier_leave(struct location_analysis *a);
void barrier_unread(const struct shadow *s, struct unread *to); /* adds all that is unread */

#endif
