/* Compilers name the stack pointer and the heap's beginning, but names are often stripped.  What is left is how code uses them:
 * the stack pointer is the global that is lowered by constants, and an allocator has the heap's beginning as a constant that it
 * subtracts and keeps. */
#include "api/bounds.h"

#include "api/go_data.h"
#include "base/order.h"
#include "base/vec.h"
#include "wasm/instr.h"
#include "wasm/types.h"

#include <stdlib.h>

enum {
    HEAP_ALIGNMENT = 16, /* of __heap_base: wasm-ld's layoutMemory (lld/wasm/Writer.cpp) */
    /* Sizes of stacks are multiples of it: linkers' 64 KiB, rustc's 1 MiB, Zig's 16 MiB, and what programs ask for. */
    STACK_UNIT = 1 << 12,
    STACK_ALIGNMENT = 16, /* of the stack's end: LLVM's data layout for WebAssembly */
    DATA_MIN = 1024       /* what linkers leave free below data */
};

/* How sure it is that a global is the stack pointer.  One that is never set may be that of a program without frames. */
enum { NEVER_SET, IS_SET, IS_LOWERED };

/* What the code says. */
struct scan {
    const struct symbol_data *data;
    uint8_t *globals;   /* NEVER_SET and so on, of each */
    uint64_t low, high; /* where addresses of interest lie */
    uint64_t *kept;     /* those of them that are subtracted or kept in memory */
    size_t kept_count, kept_capacity;
    uint64_t highest;            /* static offset of an access that is below high */
    struct wasm_instr before[3]; /* the instructions in front, the last one first */
    uint32_t known;              /* how many of them */
    bool failed;                 /* memory was short */
};

static bool is_op(const struct scan *s, uint32_t back, enum wasm_opcode narrow, enum wasm_opcode wide)
{
    return back < s->known && (s->before[back].op == narrow || s->before[back].op == wide);
}

static bool is_const(const struct scan *s, uint32_t back, uint64_t *value)
{
    struct error ignored = ERROR_INIT;
    int32_t narrow;
    int64_t wide;
    if (back >= s->known)
        return false;
    const struct wasm_instr *i = &s->before[back];
    struct cursor c = {i->start, i->imm, i->end, &ignored};
    if (i->op == WASM_OP_I32_CONST && cursor_leb_s32(&c, "constant", &narrow)) {
        *value = (uint32_t)narrow;
        return true;
    }
    if (i->op == WASM_OP_I64_CONST && cursor_leb_s64(&c, "constant", &wide)) {
        *value = (uint64_t)wide;
        return true;
    }
    return false;
}

/* A frame is made by `global - constant`, at once (LLVM, AssemblyScript) or by way of locals (LLVM without optimisation, where
 * all that can be seen here is that a local goes into the global). */
static void note_global(struct scan *s, uint32_t index)
{
    const uint32_t at = is_op(s, 0, WASM_OP_LOCAL_TEE, WASM_OP_LOCAL_TEE);
    uint64_t value;
    if (index >= s->data->global_count)
        return;
    const bool lowered = is_op(s, at, WASM_OP_I32_SUB, WASM_OP_I64_SUB) && is_const(s, at + 1, &value);
    const uint8_t now = lowered ? IS_LOWERED : IS_SET;
    if (s->globals[index] < now)
        s->globals[index] = now;
}

/* LLVM makes `x - number` into `x + -number`, but it doesn't know an address before it is linked; so what is subtracted is an
 * address. */
static void note_address(struct scan *s, const struct wasm_instr *instr)
{
    const enum wasm_access access = (enum wasm_access)wasm_opcode_info(instr->op)->access;
    const bool sub = instr->op == WASM_OP_I32_SUB || instr->op == WASM_OP_I64_SUB;
    uint64_t value;
    if (access != WASM_ACCESS_NONE && instr->static_offset > s->highest && instr->static_offset < s->high)
        s->highest = instr->static_offset;
    if ((!sub && access != WASM_ACCESS_STORE) || !is_const(s, 0, &value) || value < s->low || value >= s->high ||
        value % HEAP_ALIGNMENT)
        return;
    if (vec_room((void **)&s->kept, &s->kept_capacity, s->kept_count, sizeof *s->kept))
        s->kept[s->kept_count++] = value;
    else
        s->failed = true;
}

static bool see_instr(void *self, const struct wasm_instr *instr)
{
    struct scan *s = self;
    if (instr->op == WASM_OP_GLOBAL_SET)
        note_global(s, instr->index);
    note_address(s, instr);
    s->before[2] = s->before[1];
    s->before[1] = s->before[0];
    s->before[0] = *instr;
    s->known += s->known < 3;
    return !s->failed;
}

/* A body that cannot be read is for the rewriter to complain about. */
static void scan_code(struct scan *s, const struct wasm_module *m)
{
    for (size_t i = 0; i < m->body_count && !s->failed; i++) {
        struct error ignored = ERROR_INIT;
        struct wasm_type_use use = {0};
        uint64_t locals;
        struct cursor c = {m->bytes, m->bytes + m->bodies[i].code, m->bytes + m->bodies[i].end, &ignored};
        s->known = 0;
        if (wasm_skip_locals(&c, &locals, &use))
            wasm_expr_walk(&c, see_instr, s);
    }
}

static bool is_named(const struct symbol_global *g, const char *name, const char *assemblyscript)
{
    return g->name.bytes && (wasm_name_is(g->name, name) || wasm_name_is(g->name, assemblyscript));
}

/* Whether a stack can end at the address: in the memory that the module asks for, with all data that is known on one side. */
static bool can_end_stack(const struct scan *s, uint64_t address)
{
    bool below = false, above = false;
    for (size_t i = 0; i < s->data->segment_count; i++) {
        const struct symbol_segment *g = &s->data->segments[i];
        if (!g->placed || !g->size)
            continue;
        below = below || g->address < address;
        above = above || g->address + g->size > address;
    }
    return address <= s->high && !(below && above);
}

static void set_stack(struct object_layout *l, const struct scan *s, uint32_t index)
{
    l->stack_global = index;
    l->stack_top = s->data->globals[index].value;
}

/* A global of that name, or the one that looks most like it to the code.  A program may have frames in no function, or use them without setting
 * the pointer; then it is the only one that looks like it, since who writes a program has no use for such a global. */
static void find_stack(struct object_layout *l, const struct wasm_module *module, const struct scan *s)
{
    l->stack_global = UINT32_MAX;
    if (!module->memory_count || !module->memories)
        return;
    uint8_t type = module->memories[0].is_64 ? WASM_TYPE_I64 : WASM_TYPE_I32, best = NEVER_SET;
    uint32_t never_set = UINT32_MAX, count = 0;
    for (uint32_t i = 0; i < s->data->global_count; i++) {
        const struct symbol_global *g = &s->data->globals[i];
        if (g->type != type || !g->is_mutable || !g->has_value)
            continue;
        if (is_named(g, "__stack_pointer", "~lib/memory/__stack_pointer")) {
            set_stack(l, s, i);
            return;
        }
        if (g->name.bytes || g->value < DATA_MIN || g->value % STACK_ALIGNMENT)
            continue;
        if (s->globals[i] > best) {
            set_stack(l, s, i);
            best = s->globals[i];
        } else if (s->globals[i] == NEVER_SET && can_end_stack(s, g->value)) {
            never_set = i;
            count++;
        }
    }
    if (best == NEVER_SET && count == 1)
        set_stack(l, s, never_set);
}

static int compare_down(const void *left, const void *right)
{
    return compare_u64(*(const uint64_t *)right, *(const uint64_t *)left);
}

/* The highest address that is subtracted or kept more than once; 0: there is none. */
static uint64_t find_heap(struct scan *s)
{
    if (s->kept_count)
        qsort(s->kept, s->kept_count, sizeof *s->kept, compare_down);
    for (size_t i = 1; i < s->kept_count; i++)
        if (s->kept[i] == s->kept[i - 1])
            return s->kept[i];
    return 0;
}

static void raise(struct object_layout *l, uint64_t address)
{
    if (l->heap_base < address)
        l->heap_base = address;
}

/* Whether the stack lies below all static data, so that zeroed data is between the last segment and the heap.  Where no segment tells,
 * the stack is first if code has data above it, or if it ends where stacks end that begin at 0. */
static bool is_stack_first(const struct object_layout *l, const struct scan *s)
{
    bool any = false;
    for (size_t i = 0; i < s->data->segment_count; i++) {
        const struct symbol_segment *g = &s->data->segments[i];
        any = any || (g->placed && g->size);
        if (g->placed && g->size && g->address < l->stack_top)
            return false;
    }
    return l->stack_global != UINT32_MAX && (any || s->highest >= l->stack_top || l->stack_top % STACK_UNIT == 0);
}

/* By name, which says it all, or at least where static data ends.  False: neither is named. */
static bool find_named(struct object_layout *l, const struct symbol_data *d)
{
    bool found = false;
    for (size_t i = 0; i < d->global_count; i++) {
        const struct symbol_global *g = &d->globals[i];
        if (g->has_value && is_named(g, "__heap_base", "~lib/memory/__heap_base")) {
            l->heap_base = g->value;
            return true;
        }
        if (g->has_value && is_named(g, "__data_end", "~lib/memory/__data_end")) {
            raise(l, g->value);
            found = true;
        }
    }
    return found;
}

bool bounds_find(struct object_layout *l, const struct wasm_module *module, const struct symbol_data *d,
                 struct error *err)
{
    const struct wasm_memory *memory = module->memory_count ? &module->memories[0] : NULL;
    struct scan s = {.data = d, .low = l->heap_base, .globals = calloc(d->global_count + 1, 1)};
    if (memory && memory->min <= UINT64_MAX >> memory->page_size_log2)
        s.high = memory->min << memory->page_size_log2;
    if (s.globals)
        scan_code(&s, module);
    if (!s.globals || s.failed) {
        free(s.globals);
        free(s.kept);
        return error_no_memory(err);
    }
    find_stack(l, module, &s);
    raise(l, l->stack_top);
    const bool named = find_named(l, d);
    const uint64_t go = named ? 0 : go_data_end(d, s.high);
    raise(l, go);
    if (!named && !go && is_stack_first(l, &s)) {
        uint64_t heap = find_heap(&s);
        raise(l, heap ? heap : s.high); /* code that has no beginning of a heap has none in the memory it starts with */
    }
    free(s.globals);
    free(s.kept);
    return true;
}
