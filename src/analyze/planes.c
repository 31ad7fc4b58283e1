#include "analyze/planes.h"

#include "analyze/region.h"

#include <string.h>

static const uint64_t far_size = ((UINT64_C(1) << 32) - FINE_LIMIT) * sizeof(mark);

void planes_release(struct planes *p)
{
    region_release(p->far_touch, far_size);
    region_release(p->far_writer, far_size);
    *p = (struct planes){0};
}

static mark *coarse(const struct planes *p, enum plane plane, uint64_t address)
{
    return plane_marks(p->plane[plane] + (address & ~(uint64_t)(GRANULE - 1)));
}

static mark *fine_touch(const struct planes *p, uint64_t address)
{
    if (address < FINE_LIMIT)
        return plane_marks(p->plane[PLANE_TOUCH_BYTES]) + address;
    return p->far_touch + (address - FINE_LIMIT);
}

static mark *fine_writer(const struct planes *p, uint64_t address)
{
    if (address < FINE_LIMIT)
        return plane_marks(p->plane[PLANE_WRITER_BYTES]) + address;
    return p->far_writer + (address - FINE_LIMIT);
}

/* Of either plane. */
static bool is_mixed(mark m)
{
    return m == MARK_MIXED || m == MARK_FAR;
}

static mark writer_of(const struct planes *p, uint64_t address)
{
    mark writer = *coarse(p, PLANE_WRITER, address);
    return is_mixed(writer) ? *fine_writer(p, address) : writer;
}

/* Large ranges are gone through by so many bytes, in code that compilers make vectors of. */
enum { STEP = 256, STEP_MARKS = STEP / GRANULE };

/* Whether the STEP bytes from the granule at `address` have that mark. */
static bool is_alike(const struct planes *p, enum plane plane, uint64_t address, mark m)
{
    const mark *marks = coarse(p, plane, address);
    mark differ = 0;
    for (unsigned i = 0; i < STEP_MARKS; i++)
        differ |= marks[i] ^ m;
    return !differ;
}

uint64_t planes_look(const struct planes *p, uint64_t address, uint64_t size, mark *touch, mark *writer)
{
    *touch = *coarse(p, PLANE_TOUCH, address);
    if (is_mixed(*touch)) {
        *touch = *fine_touch(p, address);
        *writer = writer_of(p, address);
        return 1;
    }
    *writer = *coarse(p, PLANE_WRITER, address);
    uint64_t n = GRANULE - address % GRANULE;
    while (size > n + STEP && is_alike(p, PLANE_TOUCH, address + n, *touch) &&
           is_alike(p, PLANE_WRITER, address + n, *writer))
        n += STEP;
    while (n < size && *coarse(p, PLANE_TOUCH, address + n) == *touch &&
           *coarse(p, PLANE_WRITER, address + n) == *writer)
        n += GRANULE;
    return n < size ? n : size;
}

static const mark *fine(const struct planes *p, enum plane plane, uint64_t address)
{
    return plane == PLANE_TOUCH ? fine_touch(p, address) : fine_writer(p, address);
}

/* Whether, in that plane, the block at `other` is like the one at `address`, byte for byte. */
static bool is_like(const struct planes *p, enum plane plane, uint64_t address, uint64_t other)
{
    const mark *marks = coarse(p, plane, address);
    if (memcmp(marks, coarse(p, plane, other), PLANES_BLOCK) != 0) /* a mark is as wide as its granule */
        return false;
    mark some = marks[0] | marks[1] | marks[2] | marks[3];
    for (uint64_t i = 0; some & MARK_MIXED_BIT && i < PLANES_BLOCK; i += GRANULE)
        if (is_mixed(marks[i / GRANULE]) &&
            memcmp(fine(p, plane, address + i), fine(p, plane, other + i), GRANULE * sizeof(mark)) != 0)
            return false;
    return true;
}

/* Whether each of so many marks is the one so many before it. */
static bool repeats(const mark *marks, unsigned n, unsigned period)
{
    mark differ = 0;
    for (unsigned i = 0; i < n; i++)
        differ |= marks[i] ^ (marks - period)[i];
    return !differ;
}

/* Whether all blocks of the STEP bytes at `other` are like the one before them; false also where that would take long. */
static bool step_is_like(const struct planes *p, enum plane plane, uint64_t other)
{
    const mark *marks = coarse(p, plane, other);
    if (!repeats(marks, STEP_MARKS, PLANES_BLOCK / GRANULE))
        return false;
    mark some = marks[0] | marks[1] | marks[2] | marks[3], all = marks[0] & marks[1] & marks[2] & marks[3];
    if (!(some & MARK_MIXED_BIT))
        return true;
    return all & MARK_MIXED_BIT && fine(p, plane, other) - PLANES_BLOCK == fine(p, plane, other - PLANES_BLOCK) &&
           repeats(fine(p, plane, other), STEP, PLANES_BLOCK);
}

uint64_t planes_run(const struct planes *p, uint64_t address, uint64_t size, bool writers)
{
    enum { SHORT = 2 * PLANES_BLOCK }; /* most runs are, and looking at a whole step would cost more */
    uint64_t n = PLANES_BLOCK;
    while (n + PLANES_BLOCK <= size) {
        uint64_t at = address + n;
        if (n > SHORT && n + STEP <= size && step_is_like(p, PLANE_TOUCH, at) &&
            (!writers || step_is_like(p, PLANE_WRITER, at)))
            n += STEP;
        else if (is_like(p, PLANE_TOUCH, address, at) && (!writers || is_like(p, PLANE_WRITER, address, at)))
            n += PLANES_BLOCK;
        else
            break;
    }
    return n;
}

static void put_writers(const struct planes *p, uint64_t address, mark writers[GRANULE])
{
    for (unsigned i = 0; i < GRANULE; i++)
        writers[i] = writer_of(p, address + i);
}

void planes_meet(const struct planes *p, uint64_t address, unsigned width, mark touch[], mark writer[])
{
    for (unsigned i = 0; i < width; i++)
        planes_look(p, address + i, 1, &touch[i], &writer[i]);
}

static void change_marks(mark *touch, mark *writer, enum planes_change change, mark m)
{
    switch (change) {
    case PLANES_FETCH:
        *touch = m;
        return;
    case PLANES_PUT:
        *touch = m;
        *writer = m;
        return;
    case PLANES_READ:
        *touch &= ~(mark)MARK_UNREAD;
        return;
    case PLANES_HOST:
        *touch = MARK_NOBODY;
        *writer = MARK_HOST;
        return;
    }
}

static bool reserve_far(struct planes *p)
{
    if (!p->far_touch)
        p->far_touch = region_reserve(far_size);
    if (!p->far_writer)
        p->far_writer = region_reserve(far_size);
    return p->far_touch && p->far_writer;
}

/* Gives the bytes of a granule marks of their own in one plane. */
static void split_plane(mark *plane, mark *bytes, mark initial, mark mixed)
{
    if (is_mixed(*plane))
        return;
    for (unsigned i = 0; i < GRANULE; i++)
        bytes[i] = *plane ? *plane : initial;
    *plane = mixed;
}

/* The same in the touch plane, and for a change of what wrote them in the other one. */
static bool split(struct planes *p, uint64_t address, bool both)
{
    address &= ~(uint64_t)(GRANULE - 1);
    bool far = address >= FINE_LIMIT;
    if (far && !reserve_far(p))
        return false;
    mark mixed = far ? MARK_FAR : MARK_MIXED;
    split_plane(coarse(p, PLANE_TOUCH, address), fine_touch(p, address), MARK_NOBODY, mixed);
    if (both)
        split_plane(coarse(p, PLANE_WRITER, address), fine_writer(p, address), 0, mixed);
    return true;
}

static bool writes(enum planes_change change)
{
    return change == PLANES_PUT || change == PLANES_HOST;
}

/* A part of a granule. */
static bool update_bytes(struct planes *p, uint64_t address, uint64_t size, enum planes_change change, mark m)
{
    if (!split(p, address, writes(change)))
        return false;
    for (uint64_t i = address; i < address + size; i++)
        change_marks(fine_touch(p, i), fine_writer(p, i), change, m);
    return true;
}

static void fill(mark *marks, uint64_t n, mark m)
{
    for (; n >= STEP_MARKS; n -= STEP_MARKS)
        for (unsigned i = 0; i < STEP_MARKS; i++)
            *marks++ = m;
    while (n--)
        *marks++ = m;
}

/* Whole granules, as many as one simple loop will do; returns the bytes. */
static uint64_t update_granules(struct planes *p, uint64_t address, uint64_t size, enum planes_change change, mark m)
{
    mark *touch = coarse(p, PLANE_TOUCH, address);
    uint64_t n = size / GRANULE, i = 0;
    if (writes(change)) { /* nothing of the bytes' own state is left */
        fill(touch, n, change == PLANES_HOST ? MARK_NOBODY : m);
        fill(coarse(p, PLANE_WRITER, address), n, change == PLANES_HOST ? MARK_HOST : m);
        return n * GRANULE;
    }
    for (; i < n && !(touch[i] & MARK_MIXED_BIT); i++)
        touch[i] = change == PLANES_READ ? touch[i] & ~(mark)MARK_UNREAD : m;
    return i * GRANULE;
}

bool planes_update(struct planes *p, uint64_t address, uint64_t size, enum planes_change change, mark m)
{
    uint64_t end = address + size;
    while (address < end) {
        uint64_t left = end - address;
        uint64_t n = address % GRANULE == 0 ? update_granules(p, address, left, change, m) : 0;
        if (n == 0) {
            n = GRANULE - address % GRANULE < left ? GRANULE - address % GRANULE : left;
            if (!update_bytes(p, address, n, change, m))
                return false;
        }
        address += n;
    }
    return true;
}

void planes_watch(struct planes *p, unsigned i, uint64_t address)
{
    mark *touch = coarse(p, PLANE_TOUCH, address);
    if (*touch == MARK_PENDING) /* watched already */
        return;
    p->watched[i] = (struct planes_watched){address & ~(uint64_t)(GRANULE - 1), *touch, true};
    *touch = MARK_PENDING;
}

uint64_t planes_unwatch(struct planes *p, uint64_t address, uint64_t size)
{
    uint64_t first = address & ~(uint64_t)(GRANULE - 1), span = size + (address - first), ended = 0;
    for (unsigned i = 0; i < PLANES_WATCHED; i++) {
        struct planes_watched *w = &p->watched[i];
        if (!w->live || w->granule < first || w->granule - first >= span)
            continue;
        *coarse(p, PLANE_TOUCH, w->granule) = w->touch;
        w->live = false;
        ended |= UINT64_C(1) << i;
    }
    return ended;
}

void planes_settle(struct planes *p, uint64_t address, uint64_t size)
{
    for (uint64_t at = address & ~(uint64_t)(GRANULE - 1); at < address + size; at += GRANULE) {
        if (!is_mixed(*coarse(p, PLANE_TOUCH, at)))
            continue;
        const mark *touch = fine_touch(p, at);
        mark differ = 0, writer[GRANULE];
        put_writers(p, at, writer);
        for (unsigned i = 1; i < GRANULE; i++)
            differ |= (touch[i] ^ *touch) | (writer[i] ^ *writer);
        if (differ)
            continue;
        *coarse(p, PLANE_WRITER, at) = *writer;
        *coarse(p, PLANE_TOUCH, at) = *touch;
    }
}

/* Unread bytes were touched last by what wrote them. */
static void add_unread(mark touch, uint64_t bytes, struct unread *to)
{
    if (touch & MARK_UNREAD)
        unread_add(to, mark_site(touch), bytes);
}

static void unread_granule(const struct planes *p, uint64_t address, struct unread *to)
{
    mark touch = *coarse(p, PLANE_TOUCH, address);
    if (!is_mixed(touch)) {
        add_unread(touch, GRANULE, to);
        return;
    }
    for (unsigned i = 0; i < GRANULE; i++)
        add_unread(fine_touch(p, address)[i], 1, to);
}

/* Whether a step may have unread bytes: most have none. */
static bool unread_step(const struct planes *p, uint64_t address)
{
    const mark *touch = coarse(p, PLANE_TOUCH, address);
    mark some = 0;
    for (unsigned i = 0; i < STEP_MARKS; i++)
        some |= touch[i];
    return some & (MARK_UNREAD | MARK_MIXED_BIT);
}

void planes_unread(const struct planes *p, uint64_t size, struct unread *to)
{
    for (uint64_t address = 0, n; address < size; address += n) {
        n = size - address >= STEP ? STEP : GRANULE;
        if (n == STEP && !unread_step(p, address))
            continue;
        for (uint64_t i = 0; i < n; i += GRANULE)
            unread_granule(p, address + i, to);
    }
}
