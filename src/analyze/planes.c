#include "analyze/planes.h"

#include "analyze/region.h"

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
enum { STEP = 1024, STEP_MARKS = STEP / GRANULE };

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

const mark *planes_mixed(const struct planes *p, uint64_t address)
{
    return is_mixed(*coarse(p, PLANE_TOUCH, address)) ? fine_touch(p, address) : NULL;
}

void planes_writers(const struct planes *p, uint64_t address, mark writers[GRANULE])
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

static bool update_granule(struct planes *p, uint64_t address, enum planes_change change, mark m)
{
    mark *touch = coarse(p, PLANE_TOUCH, address);
    if (is_mixed(*touch) && !writes(change)) /* else nothing of the bytes' own state is left */
        return update_bytes(p, address, GRANULE, change, m);
    change_marks(touch, coarse(p, PLANE_WRITER, address), change, m);
    return true;
}

/* STEP bytes at once, if that is simple: all of them put, or fetched where none is mixed. */
static bool update_step(struct planes *p, uint64_t address, enum planes_change change, mark m)
{
    mark *touch = coarse(p, PLANE_TOUCH, address), *writer = coarse(p, PLANE_WRITER, address);
    mark some = 0;
    for (unsigned i = 0; i < STEP_MARKS; i++)
        some |= touch[i];
    if (change == PLANES_READ || (change == PLANES_FETCH && some & MARK_MIXED_BIT))
        return false;
    const mark now = change == PLANES_HOST ? MARK_NOBODY : m;
    for (unsigned i = 0; i < STEP_MARKS; i++)
        touch[i] = now;
    if (change == PLANES_FETCH)
        return true;
    const mark wrote = change == PLANES_HOST ? MARK_HOST : m;
    for (unsigned i = 0; i < STEP_MARKS; i++)
        writer[i] = wrote;
    return true;
}

bool planes_update(struct planes *p, uint64_t address, uint64_t size, enum planes_change change, mark m)
{
    uint64_t end = address + size;
    while (address < end) {
        if (address % GRANULE == 0 && end - address >= STEP && update_step(p, address, change, m)) {
            address += STEP;
            continue;
        }
        uint64_t n = GRANULE - address % GRANULE;
        if (n > end - address)
            n = end - address;
        if (!(n == GRANULE ? update_granule(p, address, change, m) : update_bytes(p, address, n, change, m)))
            return false;
        address += n;
    }
    return true;
}

void planes_settle(struct planes *p, uint64_t address, uint64_t size)
{
    for (uint64_t at = address & ~(uint64_t)(GRANULE - 1); at < address + size; at += GRANULE) {
        if (!is_mixed(*coarse(p, PLANE_TOUCH, at)))
            continue;
        const mark *touch = fine_touch(p, at);
        mark differ = 0, writer[GRANULE];
        planes_writers(p, at, writer);
        for (unsigned i = 1; i < GRANULE; i++)
            differ |= (touch[i] ^ *touch) | (writer[i] ^ *writer);
        if (differ)
            continue;
        *coarse(p, PLANE_WRITER, at) = *writer;
        *coarse(p, PLANE_TOUCH, at) = *touch;
    }
}

uint64_t planes_unread(const struct planes *p, uint64_t size)
{
    uint64_t bytes = 0;
    for (uint64_t address = 0; address < size; address += GRANULE) {
        while (address % STEP == 0 && size - address > STEP && is_alike(p, PLANE_TOUCH, address, 0))
            address += STEP; /* never touched */
        mark touch = *coarse(p, PLANE_TOUCH, address);
        if (!is_mixed(touch)) {
            bytes += GRANULE * (touch & MARK_UNREAD);
            continue;
        }
        for (unsigned i = 0; i < GRANULE; i++)
            bytes += *fine_touch(p, address + i) & MARK_UNREAD;
    }
    return bytes;
}
