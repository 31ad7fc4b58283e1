#include "analyze/shadow.h"

#include "analyze/region.h"
#include "base/vec.h"

#include <stdlib.h>

static const size_t window_size = (((size_t)1 << SHADOW_WINDOW_SHIFT) / SHADOW_GRANULE) * sizeof(shadow_entry);
static const size_t window_slack = 4096; /* at least SHADOW_SLACK entries */
static const size_t window_lines = (size_t)1 << (SHADOW_WINDOW_SHIFT - SHADOW_LINE_SHIFT);

enum { SLOT_SIZE = 4 * sizeof(shadow_entry) };
static const uint64_t slots_at_first = (uint64_t)1 << 30; /* a slot for every granule of a window */

bool shadow_init(struct shadow *s, size_t memories, struct error *err)
{
    *s = (struct shadow){0};
    s->memories = calloc(memories ? memories : 1, sizeof *s->memories);
    s->slots.base = region_reserve(slots_at_first * SLOT_SIZE);
    if (!s->memories || !s->slots.base)
        return error_no_memory(err);
    s->memory_count = memories;
    for (size_t i = 0; i < memories; i++)
        s->memories[i].low = &s->none;
    s->slots.capacity = slots_at_first;
    s->slots.used = 1;
    /* Slots are handed out from the front, so that huge pages waste one of them at most. */
    region_want_huge(s->slots.base, slots_at_first * SLOT_SIZE);
    return true;
}

static void window_free(struct shadow_window *w)
{
    region_release(w->entries, window_size + window_slack);
    times_close(&w->touch_times);
    times_close(&w->write_times);
    region_release(w->line_marks, window_lines);
    free(w->unread.lines);
    free(w->touched.lines);
    free(w);
}

void shadow_release(struct shadow *s)
{
    for (size_t i = 0; i < s->window_count; i++)
        window_free(s->windows[i]);
    free(s->windows);
    for (size_t i = 0; i < s->memory_count; i++)
        free(s->memories[i].high);
    free(s->memories);
    region_release(s->slots.base, s->slots.capacity * SLOT_SIZE);
    *s = (struct shadow){0};
}

bool slots_grow(struct slot_arena *a)
{
    shadow_entry *grown = region_grow(a->base, a->capacity * SLOT_SIZE, 2 * a->capacity * SLOT_SIZE);
    if (!grown) {
        a->failed = true;
        return false;
    }
    a->base = grown;
    a->capacity *= 2;
    return true;
}

static bool track_window(struct shadow_window *w, struct error *err)
{
    if (!w->line_marks)
        w->line_marks = region_reserve(window_lines);
    return w->line_marks || error_no_memory(err);
}

bool shadow_track(struct shadow *s, struct error *err)
{
    for (size_t i = 0; i < s->window_count; i++) {
        if (!track_window(s->windows[i], err))
            return false;
    }
    s->tracking = true;
    return true;
}

static bool open_times(struct shadow_window *w)
{
    return times_open(&w->touch_times) && times_open(&w->write_times);
}

static struct shadow_window *window_open(struct shadow *s, struct error *err)
{
    struct shadow_window *w = NULL;
    if (!vec_room((void **)&s->windows, &s->window_capacity, s->window_count, sizeof(struct shadow_window *)) ||
        !(w = calloc(1, sizeof *w))) {
        error_no_memory(err);
        return NULL;
    }
    w->entries = region_reserve(window_size + window_slack);
    if (!w->entries || (s->timed && !open_times(w))) {
        error_no_memory(err);
        window_free(w);
        return NULL;
    }
    if (s->tracking && !track_window(w, err)) {
        window_free(w);
        return NULL;
    }
    s->windows[s->window_count++] = w;
    return w;
}

/* Where the window of an address is kept, NULL where memory is short. */
static struct shadow_window **window_place(struct shadow_memory *m, uint64_t address, struct error *err)
{
    uint64_t n = address >> SHADOW_WINDOW_SHIFT;
    if (n == 0)
        return &m->low;
    if (!m->high) {
        m->high = calloc(SHADOW_HIGH_WINDOWS, sizeof(struct shadow_window *));
        if (!m->high) {
            error_no_memory(err);
            return NULL;
        }
    }
    return &m->high[n];
}

/* Whether at least half of a chunk's pages have been touched, to judge by a few entries of each. */
static bool chunk_is_dense(const shadow_entry *entries)
{
    enum { PAGE = 4096 / sizeof(shadow_entry), PROBE = PAGE / 4 };
    size_t pages = 0;
    for (size_t at = 0; at < SHADOW_CHUNK_ENTRIES; at += PAGE)
        pages += (entries[at] | entries[at + PROBE] | entries[at + 2 * PROBE] | entries[at + 3 * PROBE]) != 0;
    return pages >= SHADOW_CHUNK_ENTRIES / PAGE / 2;
}

/* Whether a chunk that is about to be touched may have a huge page.  Random accesses into entries on 4 KiB pages take
 * twice the time, since translations of addresses miss; but a program that touches a few bytes here and there would
 * have 2 MiB resident for each.  So only so many chunks may have one that have not been seen to make use of it. */
static bool may_be_huge(struct shadow *s, const shadow_entry *entries)
{
    enum { TRIES = 4 };
    if (s->huge_count < SHADOW_HUGE_CHUNKS) {
        s->huge[s->huge_count++] = entries;
        return true;
    }
    for (int i = 0; i < TRIES; i++) {
        const shadow_entry **oldest = &s->huge[s->huge_next];
        s->huge_next = (s->huge_next + 1) % SHADOW_HUGE_CHUNKS;
        if (chunk_is_dense(*oldest)) {
            *oldest = entries;
            return true;
        }
    }
    return false;
}

static void touch_chunks(struct shadow *s, struct shadow_window *w, uint64_t from, uint64_t to)
{
    for (uint64_t c = from >> SHADOW_CHUNK_SHIFT; c <= (to - 1) >> SHADOW_CHUNK_SHIFT; c++) {
        if (w->chunk_touched[c])
            continue;
        w->chunk_touched[c] = 1;
        shadow_entry *entries = w->entries + c * SHADOW_CHUNK_ENTRIES;
        if (may_be_huge(s, entries))
            region_want_huge(entries, SHADOW_CHUNK_ENTRIES * sizeof *entries);
    }
}

static bool line_list_put(struct line_list *l, uint64_t line, struct error *err)
{
    if (!vec_room((void **)&l->lines, &l->capacity, l->count, sizeof *l->lines))
        return error_no_memory(err);
    l->lines[l->count++] = (uint32_t)line;
    return true;
}

static bool touch_lines(struct shadow_window *w, uint64_t from, uint64_t to, struct error *err)
{
    for (uint64_t line = from >> SHADOW_LINE_SHIFT; line <= (to - 1) >> SHADOW_LINE_SHIFT; line++) {
        uint8_t marks = w->line_marks[line];
        if (!(marks & LINE_UNREAD) && !line_list_put(&w->unread, line, err))
            return false;
        if (!(marks & LINE_TOUCHED) && !line_list_put(&w->touched, line, err))
            return false;
        w->line_marks[line] = LINE_BOTH;
    }
    return true;
}

bool shadow_touch(struct shadow *s, unsigned memory, uint64_t address, uint64_t size, struct error *err)
{
    const uint64_t limit = (uint64_t)1 << SHADOW_ADDRESS_BITS;
    if (address > limit || size > limit - address)
        return error_set(err, ERROR_MEMORY, "out of memory: the program uses address %#llx",
                         (unsigned long long)address);
    while (size) {
        uint64_t rest = shadow_window_rest(address);
        uint64_t part = size < rest ? size : rest;
        struct shadow_window **w = window_place(&s->memories[memory], address, err);
        if (!w)
            return false;
        if (!*w || *w == &s->none) {
            struct shadow_window *opened = window_open(s, err);
            if (!opened)
                return false;
            *w = opened;
        }
        uint64_t from = (uint32_t)address;
        touch_chunks(s, *w, from, from + part);
        if (s->tracking && !touch_lines(*w, from, from + part, err))
            return false;
        address += part;
        size -= part;
    }
    return true;
}

bool shadow_next_run(const struct shadow *s, struct shadow_run *run)
{
    for (; run->window < s->window_count; run->window++, run->chunk = 0) {
        const struct shadow_window *w = s->windows[run->window];
        size_t from = run->chunk;
        while (from < SHADOW_CHUNKS && !w->chunk_touched[from])
            from++;
        if (from == SHADOW_CHUNKS)
            continue;
        size_t to = from + 1;
        while (to < SHADOW_CHUNKS && w->chunk_touched[to])
            to++;
        run->chunk = to;
        run->in = s->windows[run->window];
        run->first = from * SHADOW_CHUNK_ENTRIES;
        run->entries = w->entries + from * SHADOW_CHUNK_ENTRIES;
        /* An access that started in the last chunk may have ended behind it. */
        run->count = (to - from) * SHADOW_CHUNK_ENTRIES + SHADOW_SLACK;
        return true;
    }
    return false;
}

/* The same for a part of a granule: `count` bytes from byte `first`. */
static void update_granule(struct slot_arena *slots, shadow_entry *entry, unsigned first, unsigned count,
                           shadow_entry keep, shadow_entry add)
{
    shadow_entry e = *entry;
    shadow_entry *slot;
    if (entry_is_split(e)) {
        slot = slot_at(slots, e);
    } else if (((e & keep) | add) == e) {
        return;
    } else {
        slot = slot_take(slots, entry);
    }
    for (unsigned i = first; i < first + count; i++)
        slot[i] = (slot[i] & keep) | add;
    slot_settle(slots, entry, slot);
}

void shadow_update(struct shadow *s, struct shadow_window *w, uint64_t address, uint64_t size, shadow_entry keep,
                   shadow_entry add)
{
    shadow_entry *entry = w->entries + (uint32_t)address / SHADOW_GRANULE;
    unsigned first = address % SHADOW_GRANULE;
    for (; size; entry++) {
        shadow_entry e = *entry;
        if (first == 0 && size >= SHADOW_GRANULE && !entry_is_split(e)) {
            shadow_entry now = (e & keep) | add;
            if (now != e) /* so that reading what was never touched makes no page resident */
                *entry = now;
            size -= SHADOW_GRANULE;
            continue;
        }
        unsigned count = size < SHADOW_GRANULE - first ? (unsigned)size : SHADOW_GRANULE - first;
        update_granule(&s->slots, entry, first, count, keep, add);
        size -= count;
        first = 0;
    }
}

uint64_t shadow_look(const struct shadow *s, const struct shadow_window *w, uint64_t address, uint64_t size,
                     shadow_entry *state)
{
    const shadow_entry *entry = w->entries + (uint32_t)address / SHADOW_GRANULE;
    shadow_entry e = *entry;
    unsigned first = address % SHADOW_GRANULE;
    if (entry_is_split(e)) {
        *state = slot_at(&s->slots, e)[first];
        return 1;
    }
    *state = e;
    uint64_t same = SHADOW_GRANULE - first;
    while (same < size && *++entry == e)
        same += SHADOW_GRANULE;
    return same < size ? same : size;
}
