/* Every access, the general way: any width, any place, any kind. */
#include "analyze/location_state.h"

enum { SCALAR_MAX = 16 };

/* Collects the parts of one second access that have the same first side, so that each is looked up once. */
struct pairing {
    struct location_analysis *a;
    enum defect_kind kind;
    site_id first, second;
    uint64_t bytes; /* 0: nothing is held back */
};

static bool pairing_flush(struct pairing *p)
{
    uint64_t bytes = p->bytes;
    p->bytes = 0;
    return bytes == 0 || count_part(p->a, p->kind, p->first, p->second, bytes);
}

static bool pairing_add(struct pairing *p, enum defect_kind kind, site_id first, uint64_t bytes)
{
    if (p->bytes && (p->kind != kind || p->first != first) && !pairing_flush(p))
        return false;
    p->kind = kind;
    p->first = first;
    p->bytes += bytes;
    return true;
}

/* `state & keep | add` for a range that shadow_touch has seen, through all its windows. */
static bool update(struct location_analysis *a, unsigned memory, uint64_t at, uint64_t size, shadow_entry keep,
                   shadow_entry add)
{
    while (size) {
        uint64_t rest = shadow_window_rest(at);
        uint64_t part = size < rest ? size : rest;
        struct shadow_window *w = shadow_window(&a->shadow.memories[memory], at);
        shadow_update(&a->shadow, w, at, part, keep, add);
        if (a->measures && add & ENTRY_TOUCHER)
            times_put(&w->touch_times, at, part, a->distances.now);
        if (a->measures && !(keep & ENTRY_WRITER))
            times_put(&w->write_times, at, part, a->distances.now);
        at += part;
        size -= part;
    }
    return !a->shadow.slots.failed || error_no_memory(a->err);
}

static bool fetch(struct location_analysis *a, unsigned memory, uint64_t at, uint64_t size, site_id site)
{
    return update(a, memory, at, size, ENTRY_WRITER & ~ENTRY_UNREAD, entry_fetched(site));
}

/* The range was read by somebody who is no toucher. */
static bool mark_read(struct location_analysis *a, unsigned memory, uint64_t at, uint64_t size)
{
    return update(a, memory, at, size, ~ENTRY_UNREAD, 0);
}

/* Where addresses are followed, and the map has this memory. */
static void map_add(struct location_analysis *a, unsigned what, unsigned memory, uint64_t address, uint64_t bytes)
{
    if (a->map && memory == 0)
        map_grid_add_range(a->map, what, address, bytes);
}

static void map_pair(struct location_analysis *a, const struct access *x, enum defect_kind kind, site_id first,
                     uint64_t address, uint64_t bytes)
{
    if (a->map && x->memory == 0)
        map_grid_add_pair_range(a->map, kind, first, x->site, address, bytes);
}

/* All bytes that are accessed, by the host, too. */
static void map_touch(struct location_analysis *a, const struct access *x)
{
    map_add(a, MAP_TOUCHED, x->memory, x->address, x->length);
    if (x->kind == ACCESS_COPY)
        map_add(a, MAP_TOUCHED, x->memory_from, x->source, x->length);
}

/* Looks at a load's bytes: they must all have a toucher for any to count. */
static bool judge_load(struct location_analysis *a, const struct access *l)
{
    shadow_entry states[SCALAR_MAX];
    uint64_t sizes[SCALAR_MAX];
    size_t count = 0;
    for (uint64_t at = 0; at < l->length; at += sizes[count++]) {
        uint64_t address = l->address + at;
        uint64_t rest = shadow_window_rest(address);
        uint64_t left = l->length - at;
        sizes[count] = shadow_look(&a->shadow, shadow_window(&a->shadow.memories[l->memory], address), address,
                                   left < rest ? left : rest, &states[count]);
        if (!entry_toucher(states[count]))
            return true;
    }
    struct pairing p = {.a = a, .second = l->site};
    uint64_t at = l->address;
    for (size_t i = 0; i < count; at += sizes[i++]) {
        uint32_t toucher = entry_toucher(states[i]);
        enum defect_kind kind = toucher & 1 ? DEFECT_SILENT_LOAD_AFTER_STORE : DEFECT_SILENT_LOAD_AFTER_LOAD;
        const struct shadow_window *window = shadow_window(&a->shadow.memories[l->memory], at);
        if (!pairing_add(&p, kind, toucher >> 1, sizes[i]) ||
            (a->measures && !distances_note(&a->distances, kind, toucher >> 1, l->site, &window->touch_times, at,
                                            sizes[i], l->address)))
            return false;
        map_pair(a, l, kind, toucher >> 1, at, sizes[i]);
    }
    return pairing_flush(&p);
}

/* A write that may be a second side, all of it in one window. */
static bool judge_write(struct location_analysis *a, const struct access *w, uint64_t at, uint64_t size)
{
    const struct shadow_window *window = shadow_window(&a->shadow.memories[w->memory], at);
    struct pairing dead = {.a = a, .second = w->site};
    struct pairing silent = {.a = a, .second = w->site};
    uint64_t part;
    for (; size; at += part, size -= part) {
        shadow_entry state;
        part = shadow_look(&a->shadow, window, at, size, &state);
        site_id writer = entry_writer(state) >> 1;
        bool is_dead = state & ENTRY_UNREAD;
        if (is_dead && !pairing_add(&dead, DEFECT_DEAD_STORE, writer, part))
            return false;
        if (w->flag && !pairing_add(&silent, DEFECT_SILENT_STORE, writer, part))
            return false;
        struct distances *d = &a->distances;
        const struct times *t = &window->write_times;
        if (a->measures && ((is_dead && !distances_note(d, DEFECT_DEAD_STORE, writer, w->site, t, at, part, at)) ||
                            (w->flag && !distances_note(d, DEFECT_SILENT_STORE, writer, w->site, t, at, part, at))))
            return false;
        if (state & ENTRY_UNREAD)
            map_pair(a, w, DEFECT_DEAD_STORE, writer, at, part);
        if (w->flag)
            map_pair(a, w, DEFECT_SILENT_STORE, writer, at, part);
    }
    return pairing_flush(&dead) && pairing_flush(&silent);
}

/* Judges and makes a write, in pieces whose entries stay in the fastest cache between the two. */
static bool write_range(struct location_analysis *a, const struct access *w, shadow_entry now)
{
    const uint64_t piece = 8192;
    uint64_t at = w->address;
    uint64_t size = w->length;
    while (size) {
        uint64_t part = piece - at % piece;
        if (part > size)
            part = size;
        if (!judge_write(a, w, at, part))
            return error_no_memory(a->err);
        if (!update(a, w->memory, at, part, 0, now))
            return false;
        at += part;
        size -= part;
    }
    return true;
}

static bool copy(struct location_analysis *a, const struct access *c)
{
    if (!shadow_touch(&a->shadow, c->memory_from, c->source, c->length, a->err))
        return false;
    a->bytes_loaded += c->length;
    a->bytes_stored += c->length;
    return fetch(a, c->memory_from, c->source, c->length, c->site) && write_range(a, c, entry_put(c->site));
}

static bool dispatch(struct location_analysis *a, struct access *x)
{
    switch (x->kind) {
    case ACCESS_LOAD:
        if (!judge_load(a, x))
            return error_no_memory(a->err);
        return fetch(a, x->memory, x->address, x->length, x->site);
    case ACCESS_WAIT:
        return fetch(a, x->memory, x->address, x->length, x->site);
    case ACCESS_STORE:
        return write_range(a, x, entry_put(x->site));
    case ACCESS_CMPXCHG:
        if (!x->flag)
            return fetch(a, x->memory, x->address, x->length, x->site);
        a->bytes_stored += x->length;
        return update(a, x->memory, x->address, x->length, 0, entry_put(x->site));
    case ACCESS_RMW:
        return update(a, x->memory, x->address, x->length, 0, entry_put(x->site));
    case ACCESS_FILL:
    case ACCESS_INIT:
        a->bytes_stored += x->length;
        return write_range(a, x, entry_put(x->site));
    case ACCESS_COPY:
        return copy(a, x);
    case ACCESS_HOST_READ:
        return mark_read(a, x->memory, x->address, x->length);
    case ACCESS_HOST_WRITE:
        return write_range(a, x, ENTRY_HOST);
    default:
        return true;
    }
}

/* Which loop over records' way a load or store of this width takes. */
static uint8_t shape_of(unsigned kind, unsigned width)
{
    bool load = kind == ACCESS_LOAD;
    switch (width) {
    case 1:
        return load ? PATH_LOAD_1 : PATH_STORE_1;
    case 2:
        return load ? PATH_LOAD_2 : PATH_STORE_2;
    case 4:
        return load ? PATH_LOAD_4 : PATH_STORE_4;
    case 8:
        return load ? PATH_LOAD_8 : PATH_STORE_8;
    case 16:
        return load ? PATH_LOAD_16 : PATH_STORE_16;
    default:
        return PATH_GENERAL;
    }
}

void access_choose_path(const struct location_analysis *a, struct fast_site *fast, site_id id)
{
    const struct site *site = site_get(a->table, id);
    fast->base = site_base(a->table, id);
    fast->width = site->width;
    fast->path = PATH_GENERAL;
    if ((site->kind != ACCESS_LOAD && site->kind != ACCESS_STORE) || site->static_offset > UINT32_MAX)
        return;
    fast->offset = (uint32_t)site->static_offset;
    fast->path = fast->shape = shape_of(site->kind, site->width);
    if (fast->shape != PATH_GENERAL && (site->memory != 0 || site->address_64))
        fast->path = PATH_ELSEWHERE;
}

bool access_general(struct location_analysis *a, const uint8_t *record)
{
    struct access x;
    record_read(a->table, record, &x);
    if (!access_is_numbered(x.kind)) {
        a->distances.now = (a->distances.now - 1) & TIMES_MASK;
        return x.kind == ACCESS_OPAQUE_ENTER ? barrier_enter(a, x.aux) : barrier_leave(a);
    }
    site_id id = record_site(record_u32(record));
    if (id >= SITE_FIRST && a->sites[id].path == PATH_UNSEEN)
        access_choose_path(a, &a->sites[id], id);
    a->stamp++;
    bool ok = x.length == 0 || (shadow_touch(&a->shadow, x.memory, x.address, x.length, a->err) && dispatch(a, &x));
    if (a->measures)
        a->distances.sites[site_base(a->table, x.site)].last = a->distances.now;
    if (ok && x.length)
        map_touch(a, &x);
    return ok;
}
