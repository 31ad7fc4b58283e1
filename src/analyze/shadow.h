/* shadow.h: what the analysis by location knows about every byte of guest memory.
 *
 * One 8-byte entry stands for a granule of 4 bytes, as long as they are alike:
 *
 *     bits  0…31  site of the writer << 1 | 1 while nobody has read what it wrote
 *                 (0: initial content, SITE_HOST_WRITE << 1: the host; neither can be dead, so neither is ever unread)
 *     bits 32…62  site of the toucher << 1 | 1 if it put the bytes, 0 if it fetched them; all 0: none
 *     bit  63     set where the bytes differ: the rest then names a slot, four entries, one for each byte
 *
 * So fresh memory is 0.  A slot goes back as soon as its bytes agree again.
 *
 * Entries lie in windows of 4 GiB of guest memory, each a reserved region: a memory32 has one, a memory64 as many as it
 * touches.  A window is cut into chunks of 1 MiB (2 MiB of entries, a huge page) that are marked when they are first
 * touched, and, once an opaque call was seen, into lines of 256 bytes that are marked when they change between two
 * barriers, so that a barrier costs no more than the accesses before it did. */
#ifndef MT_ANALYZE_SHADOW_H
#define MT_ANALYZE_SHADOW_H

#include "analyze/times.h"
#include "base/error.h"
#include "trace/site.h"

typedef uint64_t shadow_entry;

#define ENTRY_UNREAD ((shadow_entry)1)
#define ENTRY_WRITER ((shadow_entry)UINT32_MAX)
#define ENTRY_TOUCHER (~ENTRY_WRITER)
#define ENTRY_SPLIT ((shadow_entry)1 << 63)
#define ENTRY_HOST ((shadow_entry)SITE_HOST_WRITE << 1)

/* The toucher's half of an entry after `site` fetched the bytes. */
static inline shadow_entry entry_fetched(site_id site)
{
    return (shadow_entry)site << 33;
}

/* The entry after `site` put the bytes. */
static inline shadow_entry entry_put(site_id site)
{
    return (((shadow_entry)site << 1 | 1) << 32) | ((shadow_entry)site << 1 | 1);
}

static inline uint32_t entry_writer(shadow_entry e)
{
    return (uint32_t)e;
}

static inline uint32_t entry_toucher(shadow_entry e)
{
    return (uint32_t)(e >> 32);
}

static inline bool entry_is_split(shadow_entry e)
{
    return (int64_t)e < 0;
}

enum {
    SHADOW_GRANULE = 4,
    SHADOW_CHUNK_SHIFT = 20,
    SHADOW_LINE_SHIFT = 8,
    SHADOW_WINDOW_SHIFT = 32,
    SHADOW_ADDRESS_BITS = 44, /* guest addresses that can be followed: 16 TiB, far more than a machine could back */
    SHADOW_HIGH_WINDOWS = 1 << (SHADOW_ADDRESS_BITS - SHADOW_WINDOW_SHIFT),
    SHADOW_CHUNKS = 1 << (SHADOW_WINDOW_SHIFT - SHADOW_CHUNK_SHIFT),
    SHADOW_CHUNK_ENTRIES = (1 << SHADOW_CHUNK_SHIFT) / SHADOW_GRANULE,
    SHADOW_LINE_ENTRIES = (1 << SHADOW_LINE_SHIFT) / SHADOW_GRANULE,
    SHADOW_SLACK = 4, /* entries behind a window's last: a scalar access may start in one chunk and end in the next */
};

/* Marks of a line. */
enum { LINE_UNREAD = 1, LINE_TOUCHED = 2, LINE_BOTH = 3 };

struct line_list {
    uint32_t *lines;
    size_t count, capacity;
};

struct shadow_window {
    shadow_entry *entries;
    struct times touch_times, write_times; /* when; of what nobody has touched, or written, it does not matter */
    uint8_t *line_marks;                   /* NULL until lines are tracked */
    struct line_list unread;               /* lines that have LINE_UNREAD: may hold unread bytes */
    struct line_list touched;              /* lines that have LINE_TOUCHED: may hold touched bytes */
    /* 1 for chunks that were touched.  Twice as long as a window: an address operand and a static offset of 32 bits
     * each may name a byte behind it, which the fast path must find untouched. */
    uint8_t chunk_touched[2 * SHADOW_CHUNKS];
};

struct shadow_memory {
    struct shadow_window *low;   /* the first 4 GiB */
    struct shadow_window **high; /* SHADOW_HIGH_WINDOWS of them ([0] unused), or NULL; each may be NULL */
};

struct slot_arena {
    shadow_entry *base; /* slot i is base[4 * i …]; slot 0 is never used */
    uint64_t free;      /* the last slot that was given back, whose first entry names the one before; 0: none */
    uint64_t used;      /* slots below this have been in use */
    uint64_t capacity;  /* at least SLOT_SPARE more than `used`, unless `failed` */
    bool failed;        /* growing was refused */
};

enum { SLOT_SPARE = 8 }; /* more than any access takes before it looks at `failed` */

enum { SHADOW_HUGE_CHUNKS = 96 };

struct shadow {
    struct shadow_memory *memories;
    size_t memory_count;
    struct shadow_window **windows; /* all of them, in the order in which they were opened */
    size_t window_count, window_capacity;
    struct slot_arena slots;
    bool tracking;             /* lines are marked */
    bool timed;                /* windows that are opened get times */
    struct shadow_window none; /* stands for the low window of a memory that was not touched yet */
    /* Chunks that got huge pages and may still turn out to be mostly empty (shadow.c). */
    const shadow_entry *huge[SHADOW_HUGE_CHUNKS];
    size_t huge_count, huge_next;
};

/* Sets *s up, which must then stay where it is; on failure it may still be released. */
bool shadow_init(struct shadow *s, size_t memories, struct error *err);
void shadow_release(struct shadow *s);

/* Makes room for [address, address + size) and marks its chunks and lines.  Must come before anything else looks at the
 * range.  Fails (ERROR_MEMORY) where the range is out of reach. */
bool shadow_touch(struct shadow *s, unsigned memory, uint64_t address, uint64_t size, struct error *err);

/* From now on lines are marked; what was touched before is not. */
bool shadow_track(struct shadow *s, struct error *err);

/* The window of an address; NULL or one without touched chunks where there is none yet.
 * address < 1 << SHADOW_ADDRESS_BITS. */
static inline struct shadow_window *shadow_window(const struct shadow_memory *m, uint64_t address)
{
    uint64_t n = address >> SHADOW_WINDOW_SHIFT;
    if (n == 0)
        return m->low;
    return m->high ? m->high[n] : NULL;
}

/* Goes over the entries that may be other than 0, run by run; start with a zeroed *run. */
struct shadow_run {
    size_t window, chunk; /* where to look next */
    shadow_entry *entries;
    size_t count;
    struct shadow_window *in; /* the window that they are of */
    size_t first;             /* of its entries */
};
bool shadow_next_run(const struct shadow *s, struct shadow_run *run);

bool slots_grow(struct slot_arena *a);

static inline shadow_entry *slot_at(const struct slot_arena *a, shadow_entry split)
{
    return a->base + (split << 2); /* ENTRY_SPLIT leaves at the top */
}

/* Gives the bytes of a granule an entry each, all as they were.  Check `failed` after every access. */
static inline shadow_entry *slot_take(struct slot_arena *a, shadow_entry *entry)
{
    uint64_t n = a->free;
    if (n)
        a->free = *slot_at(a, n);
    else if ((n = a->used++) + SLOT_SPARE >= a->capacity)
        slots_grow(a);
    shadow_entry *slot = slot_at(a, n);
    slot[0] = slot[1] = slot[2] = slot[3] = *entry;
    *entry = ENTRY_SPLIT | n;
    return slot;
}

/* Gives the slot of *entry back if its bytes agree. */
static inline void slot_settle(struct slot_arena *a, shadow_entry *entry, shadow_entry *slot)
{
    if (((slot[0] ^ slot[1]) | (slot[2] ^ slot[3]) | (slot[0] ^ slot[2])) != 0)
        return;
    uint64_t n = *entry ^ ENTRY_SPLIT;
    *entry = slot[0];
    slot[0] = a->free;
    a->free = n;
}

/* Makes every byte of [address, address + size), in one window, `state & keep | add`. */
void shadow_update(struct shadow *s, struct shadow_window *w, uint64_t address, uint64_t size, shadow_entry keep,
                   shadow_entry add);

/* The state of the byte at `address`, and for how many of the `size` bytes from there it surely holds: 1 or more. */
uint64_t shadow_look(const struct shadow *s, const struct shadow_window *w, uint64_t address, uint64_t size,
                     shadow_entry *state);

/* The bytes from `address` to the end of its window. */
static inline uint64_t shadow_window_rest(uint64_t address)
{
    return ((uint64_t)1 << SHADOW_WINDOW_SHIFT) - (uint32_t)address;
}

#endif
