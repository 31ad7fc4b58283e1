/* Static data and blocks of the heap are in a map from granules of 4 bytes to objects, in two levels: a page that belongs to
 * one object, or to none, has one entry.  The stack is a list of frames, as functions set its pointer. */
#include "analyze/objects.h"

#include "analyze/object_use.h"
#include "analyze/region.h"
#include "base/vec.h"
#include "trace/record.h"

#include <stdlib.h>

enum {
    GRANULE_BYTES = 4,
    PAGE_SHIFT = 12,
    PAGE_GRANULES = (1 << PAGE_SHIFT) / GRANULE_BYTES,
    PAGES = 1 << (32 - PAGE_SHIFT),
    OBJECTS_MAX = 1 << 20,
    FRAMES_MAX = 1 << 22,
};
#define MIXED UINT32_MAX /* a page with entries for granules */

static const size_t fine_size = (size_t)PAGES * PAGE_GRANULES * sizeof(uint32_t);

struct frame {
    uint64_t pointer; /* where it begins; it reaches up to the frame before */
    uint32_t func;
    bool
        fixed; /* as large as the function's first frame: not what it allocates on the stack later, nor aligned otherwise */
};

/* What is known of a function's frames. */
struct func_stack {
    uint32_t object; /* 0: none yet */
    uint64_t size;   /* of the first frame; 0: there was none */
};

struct object_map {
    const struct object_layout *layout;
    uint32_t *pages, *fine; /* object + 1; 0: none */
    struct object_count *objects;
    size_t object_count, object_capacity;
    uint32_t *heap; /* the object of each allocation's id; 0: none yet */
    size_t id_limit;
    uint32_t *locals;          /* the object of each local, by `same`; 0: none yet */
    struct func_stack *stacks; /* by function */
    size_t stack_count;
    struct blocks blocks;
    struct object_uses uses;
    struct frame *frames; /* the outermost first */
    size_t frame_count, frame_capacity;
};

static void set_part(struct object_map *m, uint64_t first, uint64_t end, uint32_t value)
{
    uint32_t *page = &m->pages[first / PAGE_GRANULES];
    if (end - first == PAGE_GRANULES) {
        *page = value;
        return;
    }
    if (*page != MIXED) {
        uint64_t start = first / PAGE_GRANULES * PAGE_GRANULES;
        for (uint64_t i = start; i < start + PAGE_GRANULES; i++)
            m->fine[i] = *page;
        *page = MIXED;
    }
    for (uint64_t i = first; i < end; i++)
        m->fine[i] = value;
}

static void set_range(struct object_map *m, uint64_t address, uint64_t size, uint32_t value)
{
    const uint64_t limit = (uint64_t)PAGES << PAGE_SHIFT;
    if (address >= limit || !size)
        return;
    uint64_t end = size < limit - address ? address + size : limit;
    uint64_t at = address / GRANULE_BYTES, last = (end + GRANULE_BYTES - 1) / GRANULE_BYTES;
    while (at < last) {
        uint64_t next = (at / PAGE_GRANULES + 1) * PAGE_GRANULES;
        next = next < last ? next : last;
        set_part(m, at, next, value);
        at = next;
    }
}

/* The new object's number; OBJECT_ID_OTHER where there are too many, UINT32_MAX when memory is short. */
static uint32_t add_object(struct object_map *m, struct object_count object)
{
    if (m->object_count >= OBJECTS_MAX)
        return OBJECT_ID_OTHER;
    if (!vec_room((void **)&m->objects, &m->object_capacity, m->object_count, sizeof *m->objects))
        return UINT32_MAX;
    m->objects[m->object_count++] = object;
    return (uint32_t)(m->object_count - 1);
}

static bool add_statics(struct object_map *m)
{
    static const uint8_t kinds[] = {[OBJECT_ID_STATIC] = OBJECT_STATIC,
                                    [OBJECT_ID_UNALLOCATED] = OBJECT_UNALLOCATED,
                                    [OBJECT_ID_OTHER] = OBJECT_OTHER};
    for (unsigned i = 0; i < OBJECT_ID_FIRST; i++)
        if (add_object(m, (struct object_count){.kind = kinds[i]}) == UINT32_MAX)
            return false;
    uint32_t *ids = calloc(m->layout->static_count + 1, sizeof *ids);
    bool ok = ids != NULL;
    for (size_t i = 0; ok && i < m->layout->static_count; i++) {
        const struct object_static *s = &m->layout->statics[i];
        ids[i] = s->same < i ? ids[s->same]
                             : add_object(m, (struct object_count){.kind = s->kind,
                                                                   .name = s->name,
                                                                   .field = s->field,
                                                                   .bytes = s->whole ? s->whole : s->size});
        ok = ids[i] != UINT32_MAX;
        if (!ok || ids[i] == OBJECT_ID_OTHER)
            continue;
        set_range(m, s->address, s->size, ids[i] + 1);
        m->objects[ids[i]].field_bytes += s->field ? s->size : 0;
    }
    free(ids);
    return ok;
}

struct object_map *object_map_new(const struct object_layout *layout, size_t id_limit, struct error *err)
{
    struct object_map *m = calloc(1, sizeof *m);
    if (!m) {
        error_no_memory(err);
        return NULL;
    }
    m->layout = layout;
    m->id_limit = id_limit;
    m->pages = region_reserve(PAGES * sizeof *m->pages);
    m->fine = region_reserve(fine_size);
    m->heap = region_reserve(id_limit * sizeof *m->heap);
    m->locals = calloc(layout->local_count + 1, sizeof *m->locals);
    if (m->pages && m->fine && m->heap && m->locals && object_uses_open(&m->uses) && add_statics(m))
        return m;
    error_no_memory(err);
    object_map_free(m);
    return NULL;
}

void object_map_free(struct object_map *m)
{
    if (!m)
        return;
    region_release(m->pages, PAGES * sizeof *m->pages);
    region_release(m->fine, fine_size);
    region_release(m->heap, m->id_limit * sizeof *m->heap);
    blocks_release(&m->blocks);
    object_uses_close(&m->uses);
    free(m->objects);
    free(m->stacks);
    free(m->locals);
    free(m->frames);
    free(m);
}

static bool release_block(struct object_map *m, uint64_t address)
{
    struct block block;
    if (!blocks_take(&m->blocks, address, &block))
        return false;
    object_uses_end(&m->uses, &m->objects[block.object].use, &block, true);
    set_range(m, block.address, block.size, 0);
    return true;
}

/* What is freed may be the block with the header in front of it. */
static void free_block(struct object_map *m, uint64_t address)
{
    if (!release_block(m, address) && m->layout->header)
        release_block(m, address + m->layout->header);
}

/* A block that stands there already was freed by something that we do not know. */
static bool allocate(struct object_map *m, uint32_t id, uint64_t address, uint64_t size)
{
    release_block(m, address);
    uint32_t object = m->heap[id];
    if (!object) {
        object = add_object(m, (struct object_count){.kind = OBJECT_HEAP, .site = id});
        if (object == UINT32_MAX)
            return false;
        m->heap[id] = object;
    }
    m->objects[object].blocks++;
    m->objects[object].bytes += size;
    set_range(m, address, size, object + 1);
    struct block block = {.address = address, .size = size, .object = object};
    object_uses_begin(&m->uses, &m->objects[object].use, &block);
    return blocks_add(&m->blocks, block);
}

/* NULL when memory is short. */
static struct func_stack *stack_at(struct object_map *m, uint32_t func)
{
    if (func >= m->stack_count) {
        size_t count = ((size_t)func + 1) * 2;
        struct func_stack *stacks = realloc(m->stacks, count * sizeof *stacks);
        if (!stacks)
            return NULL;
        memset(stacks + m->stack_count, 0, (count - m->stack_count) * sizeof *stacks);
        m->stacks = stacks;
        m->stack_count = count;
    }
    return &m->stacks[func];
}

static bool set_stack(struct object_map *m, uint32_t func, uint64_t pointer)
{
    while (m->frame_count && m->frames[m->frame_count - 1].pointer < pointer)
        m->frame_count--;
    uint64_t above = m->frame_count ? m->frames[m->frame_count - 1].pointer : m->layout->stack_top;
    if (pointer >= above || m->frame_count >= FRAMES_MAX)
        return true;
    if (!vec_room((void **)&m->frames, &m->frame_capacity, m->frame_count, sizeof *m->frames))
        return false;
    struct func_stack *stack = stack_at(m, func);
    if (!stack)
        return false;
    if (!stack->size)
        stack->size = above - pointer;
    m->frames[m->frame_count++] = (struct frame){pointer, func, stack->size == above - pointer};
    return true;
}

bool object_map_put(struct object_map *m, const uint8_t *record, uint32_t id)
{
    if (record_size(record_u32(record)) == 2 * RECORD_UNIT)
        return set_stack(m, record_u32(record + 4), record_u64(record + 8));
    uint64_t block = record_u64(record + 8), size = record_u64(record + 16), old = record_u64(record + 24);
    if (old && block)
        release_block(m, old);
    else if (old && !size) /* a realloc that fails leaves its block */
        free_block(m, old);
    return !block || allocate(m, id, block, size);
}

/* The object of a function's frames. */
static inline uint32_t stack_of(struct object_map *m, uint32_t func)
{
    if (func < m->stack_count && m->stacks[func].object)
        return m->stacks[func].object;
    struct func_stack *stack = stack_at(m, func);
    if (stack && !stack->object)
        stack->object = add_object(m, (struct object_count){.kind = OBJECT_STACK, .func = func});
    return stack ? stack->object : UINT32_MAX;
}

/* The last of the function's locals that begins at or below the offset; NULL: there is none. */
static const struct object_local *local_below(const struct object_layout *l, uint32_t func, uint64_t offset)
{
    if (!l->local_first || func >= l->func_count)
        return NULL;
    size_t first = l->local_first[func], low = first, high = l->local_first[func + 1];
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (l->locals[middle].offset <= offset)
            low = middle + 1;
        else
            high = middle;
    }
    return low > first ? &l->locals[low - 1] : NULL;
}

/* The object of a local, or of the function's frames where no local is known to be. */
static uint32_t local_of(struct object_map *m, uint32_t func, uint64_t offset, bool fixed, bool below)
{
    const struct object_layout *l = m->layout;
    const struct object_local *local = fixed ? local_below(l, func, offset) : NULL;
    while (local && offset - local->offset >= local->size && local->field) /* between fields: it is the variable's */
        local--;
    if (!local || local->below != below || offset - local->offset >= local->size)
        return stack_of(m, func);
    uint32_t *object = &m->locals[local->same];
    if (!*object)
        *object = add_object(m, (struct object_count){.kind = OBJECT_STACK,
                                                      .name = local->name,
                                                      .field = local->field,
                                                      .func = func,
                                                      .field_bytes = local->size});
    return *object;
}

/* The frame that the address is in: the innermost that begins at or below it.  Mostly that is the one of the function that runs. */
static inline const struct frame *frame_of(const struct object_map *m, uint64_t address)
{
    size_t low = 0, high = m->frame_count - 1;
    if (!high || address < m->frames[high - 1].pointer)
        return &m->frames[high];
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (m->frames[middle].pointer <= address)
            high = middle;
        else
            low = middle + 1;
    }
    return &m->frames[low];
}

uint32_t object_map_find(struct object_map *m, unsigned memory, uint64_t address, uint32_t func)
{
    const struct object_layout *l = m->layout;
    if (memory != 0 || address > UINT32_MAX)
        return OBJECT_ID_OTHER;
    uint64_t pointer = m->frame_count ? m->frames[m->frame_count - 1].pointer : l->stack_top;
    bool has_stack = l->stack_global != UINT32_MAX && address < l->stack_top;
    if (has_stack && address >= pointer) {
        const struct frame *f = frame_of(m, address);
        return local_of(m, f->func, address - f->pointer, f->fixed, false);
    }
    uint32_t object = m->pages[address >> PAGE_SHIFT];
    if (object == MIXED)
        object = m->fine[address / GRANULE_BYTES];
    if (object)
        return object - 1;
    if (has_stack && address + STACK_RED_ZONE >= pointer)
        return local_of(m, func, address + STACK_RED_ZONE - pointer, true, true);
    return address < l->heap_base ? OBJECT_ID_STATIC : OBJECT_ID_UNALLOCATED;
}

uint32_t object_map_use(struct object_map *m, unsigned memory, uint64_t address, uint32_t func, uint64_t loaded,
                        uint64_t stored)
{
    uint32_t object = object_map_find(m, memory, address, func);
    if (object == UINT32_MAX)
        return object;
    struct object_use *use = &m->objects[object].use;
    if (loaded) {
        use->loads++;
        use->bytes_loaded += loaded;
        if (memory == 0)
            object_uses_read(&m->uses, address, loaded);
    }
    if (stored) {
        use->stores++;
        use->bytes_stored += stored;
    }
    return object;
}

void object_map_tick(struct object_map *m)
{
    m->uses.now++;
}

void object_map_end(const struct object_map *m, struct object_count *objects)
{
    for (size_t i = 0; i < m->blocks.capacity; i++) {
        const struct block *block = &m->blocks.slots[i];
        if (block->address)
            object_uses_end(&m->uses, &objects[block->object].use, block, false);
    }
}

const struct object_count *object_map_objects(const struct object_map *m, size_t *count)
{
    *count = m->object_count;
    return m->objects;
}
