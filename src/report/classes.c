/* The rules of docs/classes.md, in the order in which they are tried there.  A rule says only what the code of both sides,
 * together with the pair's kind, makes certain. */
#include "report/build.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* One side of a pair, as rules look at it. */
struct look {
    const struct site *site; /* NULL: initial content, the host, or no instruction */
    const struct site_facts *facts;
    const char *name; /* of the function */
    enum function_work work;
};

struct known_name {
    const char *name;
    bool prefix;
};

/* Allocators, and runtimes that manage memory. */
static const struct known_name housekeepers[] = {
    {"malloc", false},
    {"calloc", false},
    {"realloc", false},
    {"free", false},
    {"aligned_alloc", false},
    {"memalign", false},
    {"posix_memalign", false},
    {"sbrk", false},
    {"dlmalloc", false},
    {"dlcalloc", false},
    {"dlrealloc", false},
    {"dlfree", false},
    {"dlmemalign", false},
    {"dlposix_memalign", false},
    {"internal_memalign", false},
    {"dispose_chunk", false},
    {"tmalloc_large", false},
    {"tmalloc_small", false},
    {"prepend_alloc", false},
    {"try_realloc_chunk", false},
    {"sys_alloc", false},
    {"sys_trim", false},
    {"release_unused_segments", false},
    {"add_segment", false},
    {"emscripten_builtin_malloc", false},
    {"emscripten_builtin_free", false},
    {"emscripten_builtin_calloc", false},
    {"emscripten_builtin_realloc", false},
    {"__libc_malloc", false},
    {"__libc_free", false},
    {"__libc_calloc", false},
    {"__libc_realloc", false},
    {"operator new(", true},
    {"operator new[](", true},
    {"operator delete(", true},
    {"operator delete[](", true},
    {"dlmalloc::", true},
    {"<dlmalloc::", true},
    {"__rust_alloc", false},
    {"__rust_dealloc", false},
    {"__rust_realloc", false},
    {"__rust_alloc_zeroed", false},
    {"__rdl_alloc", false},
    {"__rdl_dealloc", false},
    {"__rdl_realloc", false},
    {"__rdl_alloc_zeroed", false},
    {"~lib/rt/", true},
    {"runtime.mallocgc", true},
    {"runtime.gc", true},
    {"runtime.newobject", false},
    {"runtime.newarray", false},
    {"runtime.makeslice", true},
    {"runtime.growslice", true},
    {"runtime.nextFreeFast", true},
    {"runtime.heapSetType", true},
    {"runtime.persistentalloc", true},
    {"runtime.scanobject", true},
    {"runtime.scanblock", true},
    {"runtime.greyobject", true},
    {"runtime.markroot", true},
    {"runtime.sweepone", true},
    {"runtime.bgsweep", true},
    {"runtime.bgscavenge", true},
    {"mem.Allocator.", true}, /* Zig */
};

/* Types of Go's runtime whose methods allocate, collect, or keep account of that (runtime/malloc.go has an overview). */
static const char *const go_types[] = {
    "activeSweep",
    "addrRanges",
    "consistentHeapStats",
    "fixalloc",
    "gcBitsArena",
    "gcControllerState",
    "gcWork",
    "linearAlloc",
    "mSpanList",
    "mcache",
    "mcentral",
    "mheap",
    "mspan",
    "pageAlloc",
    "pageBits",
    "pageCache",
    "pallocBits",
    "pallocData",
    "scavChunkData",
    "scavengeIndex",
    "scavengerState",
    "spanInlineMarkBits",
    "spanQueue",
    "spanSPMC",
    "spanSet",
    "spanSetBlockAlloc",
    "stackScanState",
    "sweepClass",
    "sweepLocked",
    "sweepLocker",
    "sysMemStat",
    "wbBuf",
};

/* Functions that do nothing but fill memory. */
static const struct known_name fillers[] = {
    {"memset", false},
    {"__memset", false},
    {"bzero", false},
    {"explicit_bzero", false},
    {"calloc", false},
    {"dlcalloc", false},
    {"wmemset", false},
    {"__rust_alloc_zeroed", false},
    {"__rdl_alloc_zeroed", false},
};

static bool is_known(const char *name, const struct known_name *names, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        size_t size = strlen(names[i].name);
        if (strncmp(name, names[i].name, size) == 0 && (names[i].prefix || !name[size]))
            return true;
    }
    return false;
}

/* A method of those types: `runtime.(*mspan).base`, which Go's linker writes as `runtime.__mspan_.base` into a module, since it puts
 * `_` in the place of what is no letter, digit, `_` or point (cmd/link/internal/wasm/asm.go, nameRegexp). */
static bool is_go_method(const char *name)
{
    static const char *const marks[][2] = {{"runtime.(*", ")."}, {"runtime.__", "_."}};
    for (size_t m = 0; m < 2; m++) {
        size_t begin = strlen(marks[m][0]);
        if (strncmp(name, marks[m][0], begin) != 0)
            continue;
        for (size_t i = 0; i < sizeof go_types / sizeof *go_types; i++) {
            size_t size = strlen(go_types[i]);
            if (strncmp(name + begin, go_types[i], size) == 0 && strncmp(name + begin + size, marks[m][1], 2) == 0)
                return true;
        }
    }
    return false;
}

/* Zig's: `heap.WasmAllocator.alloc`, `heap.debug_allocator.DebugAllocator(…).free`. */
static bool is_zig_allocator(const char *name)
{
    return strncmp(name, "heap.", 5) == 0 && strstr(name, "Allocator") != NULL;
}

static bool keeps_house(const struct look *l)
{
    return l->site && (is_known(l->name, housekeepers, sizeof housekeepers / sizeof *housekeepers) ||
                       is_go_method(l->name) || is_zig_allocator(l->name));
}

static bool is_plain(const struct look *l)
{
    return l->site && (l->site->kind == ACCESS_LOAD || l->site->kind == ACCESS_STORE);
}

static bool is_load_kind(unsigned kind)
{
    return kind == DEFECT_SILENT_LOAD_AFTER_LOAD || kind == DEFECT_SILENT_LOAD_AFTER_STORE;
}

/* Both have the same base, constant and width, so the same bytes, wherever the base has the same value. */
static bool same_place(const struct look *a, const struct look *b)
{
    const struct site_facts *f = a->facts, *g = b->facts;
    return f->base != BASE_UNKNOWN && f->base == g->base && f->index == g->index && f->reading == g->reading &&
           f->addend == g->addend && a->site->static_offset == b->site->static_offset &&
           a->site->width == b->site->width && a->site->memory == b->site->memory;
}

static bool is_spill(const struct look *a, const struct look *b)
{
    return is_plain(a) && is_plain(b) && a->site->func == b->site->func && a->facts->base == BASE_FRAME &&
           same_place(a, b);
}

static bool is_loop_invariant(const struct look *a, const struct look *b)
{
    return is_plain(a) && is_plain(b) && a->site->func == b->site->func && a->facts->loop &&
           a->facts->loop == b->facts->loop && a->facts->invariant && b->facts->invariant && same_place(a, b);
}

/* A store of a constant that a loop sweeps over memory. */
static bool sweeps(const struct look *l)
{
    return l->site->kind == ACCESS_STORE && l->facts->value == VALUE_CONST && l->facts->loop &&
           l->facts->base != BASE_UNKNOWN && !l->facts->invariant;
}

/* An instruction or a function that does nothing but fill. */
static bool fills(const struct look *l)
{
    return l->site && (l->site->kind == ACCESS_FILL || l->site->kind == ACCESS_INIT || l->work == WORK_FILLS ||
                       is_known(l->name, fillers, sizeof fillers / sizeof *fillers));
}

static bool copies(const struct look *l)
{
    return l->site && (l->site->kind == ACCESS_COPY || l->work == WORK_COPIES);
}

/* Two instructions of one function that only fills, or only copies: that may be one fill whose ends overlap, and nothing is to be mended then. */
static bool is_overlap(const struct look *a, const struct look *b)
{
    return is_plain(a) && is_plain(b) && a->site != b->site && a->site->func == b->site->func &&
           ((fills(a) && fills(b)) || (copies(a) && copies(b)));
}

/* The same fill or copy again. */
static bool is_written_again(const struct look *a, const struct look *b)
{
    return a->site && a->site == b->site && (fills(a) || copies(a));
}

/* The same place of a function that only reads. */
static bool is_read_again(const struct look *a, const struct look *b)
{
    return a->site && a->site == b->site && a->work == WORK_READS && a->facts->sweeps;
}

static bool is_initialised(const struct look *a, const struct look *b)
{
    if (!a->site || a->site == b->site)
        return false;
    return fills(a) || sweeps(a);
}

static bool is_unchanged_copy(const struct look *b)
{
    return b->site && (copies(b) || (b->site->kind == ACCESS_STORE && b->facts->value == VALUE_LOAD));
}

static bool apart(const struct site_facts *a, const struct site_facts *b)
{
    return a->loop && b->loop && (a->loop_end < b->loop || b->loop_end < a->loop);
}

/* Two functions, or two loops one behind the other.  Memory that was freed in between has no phases. */
static bool is_next_phase(const struct look *a, const struct look *b)
{
    return is_plain(a) && is_plain(b) && !keeps_house(a) && !keeps_house(b) &&
           (a->site->func != b->site->func || apart(a->facts, b->facts));
}

static bool is_atomic(const struct look *l, const char *op)
{
    return l->site && strstr(op, ".atomic.") != NULL;
}

static uint8_t find_marks(unsigned kind, const struct look *a, const struct look *b, const struct report_pair *pair)
{
    uint8_t marks = 0;
    if (is_atomic(a, pair->first.op) || is_atomic(b, pair->second.op))
        marks |= MARK_ATOMIC;
    if (is_load_kind(kind) && a->site &&
        (a->site->kind == ACCESS_COPY || a->site->kind == ACCESS_FILL || a->site->kind == ACCESS_INIT))
        marks |= MARK_COPY;
    return marks;
}

static enum pair_class find_class(unsigned kind, const struct look *a, const struct look *b)
{
    bool load = is_load_kind(kind), store = kind == DEFECT_DEAD_STORE || kind == DEFECT_SILENT_STORE;
    if (keeps_house(b) && (keeps_house(a) || !a->site))
        return CLASS_HOUSEKEEPING;
    if (load && is_spill(a, b))
        return CLASS_SPILL_RELOAD;
    if (load && is_loop_invariant(a, b))
        return CLASS_LOOP_INVARIANT_LOAD;
    if (store && is_loop_invariant(a, b))
        return CLASS_LOOP_INVARIANT_STORE;
    if (kind == DEFECT_DEAD_STORE && is_written_again(a, b))
        return CLASS_WRITTEN_AGAIN;
    if (store && is_overlap(a, b))
        return CLASS_OVERLAP;
    if (kind == DEFECT_DEAD_STORE && is_initialised(a, b))
        return CLASS_INITIALISED_OVERWRITTEN;
    if (kind == DEFECT_SILENT_STORE && fills(b))
        return CLASS_FILL_UNCHANGED;
    if (kind == DEFECT_SILENT_STORE && is_unchanged_copy(b))
        return CLASS_COPY_UNCHANGED;
    if (kind == DEFECT_SILENT_STORE && b->site && b->site->kind == ACCESS_STORE)
        return CLASS_SAME_VALUE;
    if (kind == DEFECT_DEAD_STORE && is_next_phase(a, b))
        return CLASS_NEXT_PHASE;
    if (kind == DEFECT_SILENT_LOAD_AFTER_LOAD && is_read_again(a, b))
        return CLASS_READ_AGAIN;
    return CLASS_NONE;
}

/* Of a value that is there already and is no constant there is none: it takes a load and a comparison to find out, which cost more than the store
 * (bench/effect.py). */
static const char *find_advice(enum pair_class what, const struct report_pair *pair, bool constant)
{
    switch (what) {
    case CLASS_HOUSEKEEPING:
        return "The allocator's or runtime's own work: allocate less often, or keep and reuse what was allocated.";
    case CLASS_SPILL_RELOAD:
        return "A fixed slot of the function's own frame: compile with optimisation; where that is on, use a local "
               "whose "
               "address is not taken.";
    case CLASS_LOOP_INVARIANT_LOAD:
        return pair->kind == DEFECT_SILENT_LOAD_AFTER_STORE
                   ? "The loop stores to and loads from one place: keep the value in a local, and store it behind the "
                     "loop."
                   : "Load it once in front of the loop and keep it in a local.";
    case CLASS_LOOP_INVARIANT_STORE:
        return "The loop stores to one place in each round: keep the value in a local, and store it once behind the "
               "loop.";
    case CLASS_INITIALISED_OVERWRITTEN:
        return "Leave out the initialisation of what is written before it is read.";
    case CLASS_WRITTEN_AGAIN:
        return "Nothing read these bytes before the same fill or copy wrote them again: do it when they are needed, or "
               "only for those that are used.";
    case CLASS_FILL_UNCHANGED:
        return pair->first.origin == ORIGIN_INIT ? "Memory holds this from the start: leave out the first fill of it."
                                                 : "The fill writes what is there already: leave it out where nothing "
                                                   "was written since, or fill only "
                                                   "what was used.";
    case CLASS_READ_AGAIN:
        return "The function only reads, and reads the same bytes again, unchanged: keep what it found the first time "
               "(a length, a sum, a position).";
    case CLASS_COPY_UNCHANGED:
        return "The copy writes what is there already: copy only what has changed.";
    case CLASS_SAME_VALUE:
        if (pair->first.origin == ORIGIN_INIT)
            return "Memory holds this value from the start: leave out the first store of it.";
        return constant ? "The value is there already: reset only what was used." : NULL;
    case CLASS_NEXT_PHASE:
        return "A later phase overwrites this unread: leave out the first store, or let only one phase write it.";
    default:
        return NULL;
    }
}

/* The operand, as a trace prints it. */
static bool keep_constant(struct build *b, const struct look *l, site_id id, struct report_pair *pair)
{
    if (!l->site || l->facts->value != VALUE_CONST)
        return true;
    const uint64_t key = (uint64_t)2 << 40 | id;
    pair->constant = strings_find(b->out->strings, key);
    if (pair->constant)
        return true;
    char text[40];
    uint64_t bits = l->facts->constant;
    uint32_t bits32 = (uint32_t)bits;
    float single;
    double number;
    switch (l->site->value) {
    case VALUE_F32:
        memcpy(&single, &bits32, sizeof single);
        snprintf(text, sizeof text, "%.9g", (double)single);
        break;
    case VALUE_F64:
        memcpy(&number, &bits, sizeof number);
        snprintf(text, sizeof text, "%.17g", number);
        break;
    default:
        snprintf(text, sizeof text, "%" PRId64, (int64_t)bits);
    }
    pair->constant = strings_add(b->out->strings, text, strlen(text));
    return pair->constant && strings_file(b->out->strings, key, pair->constant);
}

static struct look look_at(struct build *b, site_id id, const struct report_side *side)
{
    bool is_site = id >= SITE_FIRST && site_get(b->table, id)->kind != ACCESS_CALL;
    const struct site *site = is_site ? site_get(b->table, id) : NULL;
    return (struct look){site, facts_find(b->facts, id), side->name,
                         site ? facts_work(b->facts, site->func) : WORK_ANY};
}

bool build_same_place(struct build *b, const struct pair_count *pair)
{
    const struct report_side none = {0};
    const struct look a = look_at(b, pair->first, &none), s = look_at(b, pair->second, &none);
    return is_plain(&a) && is_plain(&s) && a.site->func == s.site->func && same_place(&a, &s);
}

bool build_class(struct build *b, const struct pair_count *from, struct report_pair *pair)
{
    if (!b->facts)
        return true;
    const struct look first = look_at(b, from->first, &pair->first), second = look_at(b, from->second, &pair->second);
    pair->marks = find_marks(pair->kind, &first, &second, pair);
    if (!pair->marks)
        pair->what = (uint8_t)find_class(pair->kind, &first, &second);
    pair->advice = find_advice((enum pair_class)pair->what, pair, second.facts->value == VALUE_CONST);
    bool store = pair->kind == DEFECT_SILENT_STORE || pair->kind == DEFECT_DEAD_STORE;
    return !store || keep_constant(b, &second, from->second, pair);
}

void finish_classes(struct report *r)
{
    for (size_t i = 0; i < r->pair_count; i++) {
        const struct report_pair *p = &r->pairs[i];
        struct report_class *c = &r->classes[p->what][p->kind];
        c->pairs++;
        c->instances += p->instances;
        c->bytes += p->bytes;
    }
    const struct report_class *reloads = r->classes[CLASS_SPILL_RELOAD];
    uint64_t spilled = reloads[DEFECT_SILENT_LOAD_AFTER_LOAD].bytes + reloads[DEFECT_SILENT_LOAD_AFTER_STORE].bytes;
    r->unoptimised = r->classed && spilled > r->bytes_loaded / 2;
}

const char *report_kind_name(unsigned kind)
{
    static const char *const names[DEFECT_KINDS] = {[DEFECT_DEAD_STORE] = "dead_store",
                                                    [DEFECT_SILENT_STORE] = "silent_store",
                                                    [DEFECT_SILENT_LOAD_AFTER_LOAD] = "silent_load_after_load",
                                                    [DEFECT_SILENT_LOAD_AFTER_STORE] = "silent_load_after_store"};
    return names[kind];
}

const char *report_class_name(enum pair_class what)
{
    static const char *const names[PAIR_CLASSES] = {
        [CLASS_NONE] = "none",
        [CLASS_HOUSEKEEPING] = "housekeeping",
        [CLASS_SPILL_RELOAD] = "spill_reload",
        [CLASS_LOOP_INVARIANT_LOAD] = "loop_invariant_load",
        [CLASS_LOOP_INVARIANT_STORE] = "loop_invariant_store",
        [CLASS_INITIALISED_OVERWRITTEN] = "initialised_overwritten",
        [CLASS_OVERLAP] = "overlap",
        [CLASS_WRITTEN_AGAIN] = "written_again",
        [CLASS_FILL_UNCHANGED] = "fill_unchanged",
        [CLASS_READ_AGAIN] = "read_again",
        [CLASS_COPY_UNCHANGED] = "copy_unchanged",
        [CLASS_SAME_VALUE] = "same_value",
        [CLASS_NEXT_PHASE] = "next_phase",
    };
    return names[what];
}

const char *report_mark_name(enum pair_mark mark)
{
    return mark == MARK_ATOMIC ? "atomic" : "copied";
}
