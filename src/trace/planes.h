/* planes.h: the shadow memory that an instrumented program keeps up itself, and what it counts: the contract between the
 * code that rewrite/online.c adds and the analysis that reads it, analyze/online.c.
 *
 * A mark, 32 bits, says who touched or wrote a byte: a site, whether it put the byte there, and whether nobody has read
 * the byte since.  Planes are memories of the instrumented module:
 *
 *     touch, writer              a mark for each granule of 4 guest bytes, at the granule's own address: what touched
 *                                the bytes last, and what wrote them last.  0: nothing, or the initial content.
 *     touch_bytes, writer_bytes  a mark for each guest byte, at four times its address, for granules whose bytes differ:
 *                                those have MARK_MIXED in the touch plane, and in the writer plane, too, if what wrote
 *                                them differs: never in the writer plane alone.
 *     cells                      what sites with code of their own have seen (below)
 *     log                        what accesses met that were not as their sites expected (below)
 *
 * A plane of granules is read with the guest's own address and width.  Marks are made so that this is safe whatever the
 * address is: the two highest bits of a mark's first byte are 10, the highest bits of the others 0, so that a word which
 * does not start at a granule cannot look like marks; and MARK_MIXED, all of whose bytes are alike and occur in no mark,
 * shows at any address and width that every granule touched is mixed.
 *
 * A byte that nobody has read since it was put there was touched last by whoever wrote it (docs/semantics.md "State of a byte"), so
 * the touch plane alone tells dead stores and silent loads; the writer plane is only needed where a store is silent.
 *
 * The planes of bytes reach FINE_LIMIT bytes of guest memory.  Beyond, mixed granules have MARK_FAR, which no code of the
 * module knows: it then asks the host. */
#ifndef MT_TRACE_PLANES_H
#define MT_TRACE_PLANES_H

#include "trace/site.h"

#include <stdbool.h>

enum plane {
    PLANE_TOUCH,
    PLANE_WRITER,
    PLANE_TOUCH_BYTES,
    PLANE_WRITER_BYTES,
    PLANE_CELLS,
    PLANE_LOG,
    PLANE_COUNT,
};

/* Exported names. */
#define PLANE_NAMES                                                                                                    \
    {"_trace_touch", "_trace_writer", "_trace_touch_bytes", "_trace_writer_bytes", "_trace_cells", "_trace_log"}

/* A plane begins so many bytes into its memory: were a byte and its marks at addresses whose lowest 12 bits are alike,
 * they would compete for the same few lines of the first-level cache, and loads would wait for stores that only seem to
 * be to the same place. */
static inline uint32_t plane_shift(enum plane plane)
{
    static const uint16_t shifts[PLANE_COUNT] = {[PLANE_TOUCH] = 17 * 64,
                                                 [PLANE_WRITER] = 37 * 64,
                                                 [PLANE_TOUCH_BYTES] = 11 * 64,
                                                 [PLANE_WRITER_BYTES] = 49 * 64};
    return shifts[plane];
}

typedef uint32_t mark;

/* The marks at an address in a plane that is a multiple of 4. */
static inline mark *plane_marks(uint8_t *at)
{
    return (mark *)(void *)at; /* NOLINT(bugprone-casting-through-void): memory of the guest's, which has no type */
}

enum {
    MARK_UNREAD = 1, /* flags, which are the lowest bits of a mark */
    MARK_PUT = 2,
    MARK_FLAGS = 3,
    MARK_SITE_LIMIT = 1 << 25,
    FINE_LIMIT = (1 << 30) - 4096, /* four times as much, and a plane's shift, is less than a memory can have */
    GRANULE = 4,
};

#define MARK_MIXED_BIT UINT32_C(0x40) /* set in MARK_MIXED and MARK_FAR, in no mark */
#define MARK_SHAPE_MASK UINT32_C(0x808080c0)
#define MARK_SHAPE UINT32_C(0x00000080)
#define MARK_MIXED UINT32_C(0xffffffff)
#define MARK_FAR UINT32_C(0xfefefefe)
#define MARK_NEVER UINT32_C(0xfdfdfdfd) /* occurs in no plane: the key of a cell that has seen nothing */
#define MARK_PENDING                                                                                                   \
    UINT32_C(                                                                                                          \
        0xfcfcfcfc) /* accesses that are still to be judged touched the granule (the late log), or the host watches it */

static inline mark mark_make(site_id site, unsigned flags)
{
    uint32_t x = site << 2 | flags;
    return MARK_SHAPE | (x & 0x3f) | (x >> 6 & 0x7f) << 8 | (x >> 13 & 0x7f) << 16 | (x >> 20 & 0x7f) << 24;
}

static inline site_id mark_site(mark m)
{
    return ((m & 0x3f) | (m >> 8 & 0x7f) << 6 | (m >> 16 & 0x7f) << 13 | (m >> 24 & 0x7f) << 20) >> 2;
}

static inline bool mark_is_plain(mark m)
{
    return (m & MARK_SHAPE_MASK) == MARK_SHAPE;
}

/* Touched by nobody, after the host wrote. */
#define MARK_NOBODY (mark_make(SITE_NONE, 0))
/* Written by the host. */
#define MARK_HOST (mark_make(SITE_HOST_WRITE, MARK_PUT))

/* A site expects to meet one of two rows of marks, the keys of its cell; accesses that do are only counted.  A key has as
 * many lanes as the access has marks: one for each granule of a width of 4, 8 or 16, one for each byte of 1 or 2.  A key and
 * a number make a slot: the key, padded to 8 bytes, then 64 bits.  Code looks at the first slot; functions that it calls look
 * at the second, and trade the two where the second counts more.
 *
 *     load    a slot with the accesses that did not meet it (`elsewhere`), a slot with those that did, own counter:64, odd:64
 *     store   two slots for marks that are unread, two for the writers that silent stores met, elsewhere:64, own counter:64,
 *             odd:64
 *
 * `odd` counts those of 4 bytes or more that did not meet whole marks.
 *
 * What is met as expected need not even be counted: how often a stretch of code without branches ran is one counter, also in
 * this memory, for all sites in it (site.counter; a site whose code is a function has its own).  What a load met in its first
 * slot is counter - elsewhere; a store met marks that have been read counter - elsewhere - its first two slots' times.  Where
 * a trap ends the program, the sites that it kept from running have been counted once too often (site.code_end). */
static inline unsigned cell_lanes(unsigned width)
{
    return width == 16 ? 4 : width == 8 || width == 2 ? 2 : 1;
}

static inline unsigned cell_key_size(unsigned width)
{
    return width == 16 ? 16 : 8;
}

static inline unsigned cell_slot_size(unsigned width)
{
    return cell_key_size(width) + 8;
}

static inline unsigned cell_slots(bool store)
{
    return store ? 4 : 2;
}

/* Where `elsewhere` lies. */
static inline unsigned cell_elsewhere(bool store, unsigned width)
{
    return store ? 4 * cell_slot_size(width) : cell_key_size(width);
}

static inline unsigned cell_counter(bool store, unsigned width)
{
    return cell_slots(store) * cell_slot_size(width) + (store ? 8 : 0);
}

static inline unsigned cell_odd(bool store, unsigned width)
{
    return cell_counter(store, width) + 8;
}

static inline unsigned cell_size(bool store, unsigned width)
{
    return (cell_odd(store, width) + 8 + 15) & ~15u;
}

/* Where the first cell lies; before it, HOST_SCALAR's arguments, the late log, and what accesses met that did not meet whole
 * marks, the most frequent of it: two tables of all sites, by hash, for 4 and 8 bytes.  An entry: own:32, 32 bits unused,
 * how often:64, met:32 for each byte.  One that has to give way goes to the log.  What makes no difference to the pairs is
 * MARK_NOBODY in them: all of a load that met a byte which nobody had touched, bytes of a store that had been read. */
enum {
    ROWS_LOG2 = 12,
    ROWS4_AT = 1 << 18,
    ROWS4_SIZE = 32,
    ROWS8_AT = ROWS4_AT + (ROWS4_SIZE << ROWS_LOG2),
    ROWS8_SIZE = 64,
    /* How many fills and copies code judged itself:64, and of how many bytes:64. */
    CELLS_FILLS = ROWS8_AT + (ROWS8_SIZE << ROWS_LOG2),
    CELLS_COPIES = CELLS_FILLS + 16,
    CELLS_FIRST = CELLS_COPIES + 16,
};
enum { RANGE_MAX = 512 }; /* bytes of such a fill or copy */
enum {
    CELLS_LATE_AT = 16,
    CELLS_LATE_FULL = 20,
    CELLS_TICK = 24,
    CELLS_ARG_MARK = 32,
    CELLS_ARG_WORD = 36,
    CELLS_ARG_COUNT = 40,
    CELLS_WATCH = 48 /* so many accesses of those that call functions until the next HOST_WATCH */
};

/* A site whose habit is known and whose code stands in the body (habit_is_hot) has another cell:
 *
 *     aside   64 bits: accesses that met nothing that makes a pair, where habit.key is expected (HABIT_STEADY)
 *     met     habit.met's table; entries of a key, padded to 8 bytes, and 64 bits for how often it was met
 *     silent  a store's: habit.silent's table of writers
 *     mixed   habit.mixed's table of rows of marks of bytes
 *
 * What is in none goes to the late log.  A load that has no other way met habit.key; so did a store that is expected
 * to; a store that is not expected to meet anything met bytes that have been read. */
enum hot_which { HOT_MET, HOT_SILENT, HOT_MIXED };

struct hot_table {
    struct habit_table habit;
    uint32_t at;        /* in the cell */
    uint8_t lanes;      /* of a key, 32 bits each */
    uint8_t bytes;      /* of the guest's, for each lane */
    uint8_t key_size;   /* with its padding: where the number lies */
    uint8_t entry_log2; /* of an entry's size */
};

static inline struct hot_table hot_table(const struct habit *h, bool store, unsigned width, enum hot_which which)
{
    unsigned lanes = cell_lanes(width), log2 = width == 16 ? 5 : 4;
    struct hot_table t = {h->met,       16, (uint8_t)lanes, (uint8_t)(width / lanes), (uint8_t)cell_key_size(width),
                          (uint8_t)log2};
    if (which == HOT_MET)
        return t;
    t.at += 1u << (h->met.log2 + log2);
    t.habit = h->silent;
    if (which == HOT_SILENT)
        return t;
    t.at += store ? 1u << (h->silent.log2 + log2) : 0;
    return (struct hot_table){h->mixed, t.at, (uint8_t)width, 1, (uint8_t)(4 * width), width == 8 ? 6 : 5};
}

static inline uint32_t hot_table_size(const struct hot_table *t)
{
    return 1u << (t->habit.log2 + t->entry_log2);
}

static inline uint32_t hot_cell_size(const struct habit *h, bool store, unsigned width)
{
    const struct hot_table last = hot_table(h, store, width, HOT_MIXED);
    return last.at + (h->mixed.log2 ? hot_table_size(&last) : 0);
}

/* Which entry of a table a row of marks has: it goes by the first one, of a row of bytes by the last one, too. */
static inline unsigned hot_entry(const struct habit_table *t, mark first)
{
    return t->log2 ? first * habit_factor(t) >> (32 - t->log2) : 0;
}

enum { HOT_LAST_FACTOR = 31 };

static inline bool hot_is_of_rows(const struct hot_table *t)
{
    return t->bytes == 1 && t->lanes > 2;
}

static inline mark hot_row_mark(const struct hot_table *t, const mark *row)
{
    return hot_is_of_rows(t) ? row[0] + HOT_LAST_FACTOR * row[t->lanes - 1] : row[0];
}

/* All that is not as expected goes to the log, a row of buffers of LOG_BUFFER bytes that the module fills one after the
 * other; what is in them may be taken in any order, for it is only counted.  An entry, in units of 8 bytes:
 *
 *     own:32 met:32                              a load or store, all of whose bytes met one mark
 *     (own | LOG_COUNT):32 met:32 count:64       so many of those
 *     (own | LOG_LANES):32 lanes:32 count:64     so many that met marks that may differ: as many follow, 32 bits each, for
 *     met:32 …                                   width / lanes bytes
 *
 *     (own | LOG_PARTS):32 parts:32              a fill or copy of up to RANGE_MAX bytes; for each of up to LOG_PARTS_MAX parts:
 *     met:32 bytes:32 …                          that it met, what matters of it
 *
 * `own` is the mark that the site leaves; for a silent store there is a second entry, of the writers that it met, whose own
 * mark has no flags. */
enum {
    LOG_BUFFER = 1 << 18,
    LOG_BUFFERS = 8,
    LOG_SLACK = 1024, /* no access logs more */
    LOG_PARTS_MAX = 60,
};
#define LOG_LANES UINT32_C(0x8000) /* bits that are 0 in every mark */
#define LOG_COUNT UINT32_C(0x800000)
#define LOG_PARTS UINT32_C(0x80000000)

/* The late log is what hot code writes: a call beside an access would cost every value that lives across it a place in
 * memory, even if it never happens (docs/performance.md).  So hot code calls nothing.  It writes to the late log what its
 * tables do not hold, and what it cannot judge at once; when that log is full, it sets CELLS_LATE_FULL and waits in a loop
 * until a thread of the host has taken it.  The host takes it too whenever it is called.  It lies among the
 * cells, so that rare code needs no further memory's address; CELLS_LATE_AT says where it ends.  Entries, each padded to 8 bytes:
 *
 *     (own | LOG_COUNT):32 met:32 …            an access met these marks, a key's lanes; its planes are done.  `own` without
 *                                              flags: the writers that a silent store met; with LOG_LANES: marks of bytes
 *     own:32 address:32 touch:128 …            all of the access at this effective address is still to do; a silent store's
 *                                              `own` has LATE_SILENT.  The marks are those that its first granule and the three
 *                                              or seven behind it had.  Those that it touches have MARK_PENDING now, so that
 *                                              whatever touches them next comes here too, or asks the host to take the log first
 */
enum { LATE_START = 64, LATE_SIZE = 1 << 18, LATE_SLACK = 64 };
enum { LATE_SILENT_SHIFT = 15 };
#define LATE_SILENT (UINT32_C(1) << LATE_SILENT_SHIFT)

/* How many marks an entry of an access has. */
static inline unsigned late_granules(unsigned width)
{
    return width == 16 ? 8 : 4; /* a vector of them, or two */
}

/* What the host does, by slot of the table `_trace_host`; all have the type (i32) -> (i32). */
enum {
    HOST_RECORDS, /* guest.h */
    HOST_LOG,     /* takes the buffer that ends at this address, and returns where the next one starts */
    HOST_SCALAR,  /* the load or store of CELLS_ARG_MARK, at the effective address CELLS_ARG_WORD, silent if
                   * CELLS_ARG_COUNT is not 0: everything about it is still to do */
    HOST_LATE,    /* takes the late log */
    HOST_WATCH, /* CELLS_ARG_MARK has just touched CELLS_ARG_WORD, which may be watched from now on (analyze/watch.h) */
    HOST_SLOTS,
};

#endif
