#include "facts/facts.h"

#include "facts/walk.h"
#include "facts/work.h"
#include "wasm/types.h"

#include <stdlib.h>
#include <string.h>

enum { LOOPS = 256 }; /* nesting that is followed; what stands deeper has no facts of loops */

struct facts {
    const struct wasm_module *module;
    const struct site_table *table;
    struct site_facts *sites; /* by id - SITE_FIRST */
    uint8_t *walked;          /* by defined function */
    uint8_t *work;            /* enum function_work, by defined function */
    bool failed;              /* memory was short */
};

struct loop {
    uint32_t start;
    uint32_t depth;    /* of blocks around it */
    size_t first_site; /* index of the first one in it */
};

struct body {
    struct facts *facts;
    struct walk walk;
    size_t site, site_end; /* indices of the sites to come */
    struct loop loops[LOOPS];
    uint32_t loop_count; /* may pass LOOPS */
    bool more;           /* than computing, branching, loading and storing */
};

struct facts *facts_new(const struct wasm_module *module, const struct site_table *table)
{
    struct facts *f = calloc(1, sizeof *f);
    if (!f)
        return NULL;
    *f = (struct facts){.module = module, .table = table};
    f->sites = calloc(table->count + 1, sizeof *f->sites);
    f->walked = calloc(module->body_count + 1, 1);
    f->work = calloc(module->body_count + 1, 1);
    if (f->sites && f->walked && f->work)
        return f;
    facts_free(f);
    return NULL;
}

void facts_free(struct facts *f)
{
    if (!f)
        return;
    free(f->sites);
    free(f->walked);
    free(f->work);
    free(f);
}

static uint32_t offset_of(const struct body *b, const struct wasm_instr *instr)
{
    return (uint32_t)(instr->start - b->facts->module->bytes);
}

/* The address operand of an access: below its other operands. */
static uint32_t address_depth(uint8_t kind)
{
    switch (kind) {
    case ACCESS_LOAD:
        return 0;
    case ACCESS_STORE:
    case ACCESS_RMW:
        return 1;
    default: /* cmpxchg, wait, fill, copy, init */
        return 2;
    }
}

/* Whether it lies in the frame that the function took from below what the global held at its entry. */
static bool in_own_frame(const struct walk_value *address, const struct site *site)
{
    if (address->kind != WALK_GLOBAL || !address->entry || address->addend >= 0)
        return false;
    uint64_t below = 0 - (uint64_t)address->addend;
    return site->width && site->static_offset <= below && below - site->static_offset >= site->width;
}

static void note_value(struct walk_value value, const struct site *site, struct site_facts *out)
{
    switch (value.kind) {
    case WALK_CONST:
        out->value = VALUE_CONST;
        out->constant = (uint64_t)value.addend;
        break;
    case WALK_FETCHED:
        out->value = value.addend == site->width ? VALUE_LOAD : VALUE_ANY;
        break;
    case WALK_SHIFTED:
        out->value = VALUE_LOADS;
        break;
    case WALK_LOCAL: /* close_loop finds out whether the loop writes it */
        out->value = VALUE_STEADY;
        out->constant = value.index;
        break;
    default:
        break;
    }
}

static void note_site(struct body *b, const struct site *site, struct site_facts *out)
{
    bool lane = site->kind == ACCESS_LOAD && wasm_opcode_info((enum wasm_opcode)site->opcode)->imm == IMM_MEMARG_LANE;
    struct walk_value address = walk_operand(&b->walk, lane ? 1 : address_depth(site->kind));
    static const uint8_t bases[] = {
        [WALK_UNKNOWN] = BASE_UNKNOWN, [WALK_CONST] = BASE_CONST,     [WALK_LOCAL] = BASE_LOCAL,
        [WALK_GLOBAL] = BASE_GLOBAL,   [WALK_FETCHED] = BASE_UNKNOWN, [WALK_SHIFTED] = BASE_UNKNOWN};
    *out = (struct site_facts){.known = true,
                               .base = bases[address.kind],
                               .index = address.index,
                               .reading = address.reading,
                               .named = address.named,
                               .addend = address.addend};
    if (in_own_frame(&address, site))
        out->base = BASE_FRAME;
    if (site->kind == ACCESS_STORE || site->kind == ACCESS_FILL)
        note_value(walk_operand(&b->walk, site->kind == ACCESS_FILL ? 1 : 0), site, out);
    if (b->loop_count && b->loop_count <= LOOPS)
        out->loop = b->loops[b->loop_count - 1].start;
}

/* A local that is not written in the loop has one value in all its rounds. */
static bool stays(const struct body *b, uint64_t local, const struct loop *loop)
{
    return local < b->walk.local_count && b->walk.locals[local].last_write < loop->start;
}

static void close_loop(struct body *b, uint32_t end)
{
    const struct loop *loop = &b->loops[--b->loop_count];
    for (size_t i = loop->first_site; i < b->site; i++) {
        struct site_facts *f = &b->facts->sites[i];
        if (!f->known || f->loop != loop->start)
            continue;
        f->loop_end = end;
        if (f->base == BASE_LOCAL)
            f->invariant = stays(b, f->index, loop);
        else
            f->invariant = f->base == BASE_CONST || (f->base == BASE_FRAME && f->reading < loop->start);
        f->sweeps = f->base == BASE_UNKNOWN || (f->base == BASE_LOCAL && f->index < b->walk.local_count &&
                                                b->walk.locals[f->index].last_step >= loop->start);
        if (f->value == VALUE_STEADY && !stays(b, f->constant, loop))
            f->value = VALUE_ANY;
    }
}

static bool visit(void *self, const struct wasm_instr *instr)
{
    struct body *b = self;
    const struct site_table *table = b->facts->table;
    uint32_t at = offset_of(b, instr);
    while (b->site < b->site_end && table->sites[b->site].file_off < at)
        b->site++;
    if (b->site < b->site_end && table->sites[b->site].file_off == at) {
        const struct site *site = &table->sites[b->site];
        if (site->kind != ACCESS_CALL && site->kind < ACCESS_HOST_READ)
            note_site(b, site, &b->facts->sites[b->site]);
        b->site++;
    }
    uint32_t depth = b->walk.blocks;
    b->more = b->more || !work_is_plain(instr);
    walk_step(&b->walk, instr);
    if (instr->op == WASM_OP_LOOP) {
        if (b->loop_count < LOOPS)
            b->loops[b->loop_count] = (struct loop){at, depth, b->site};
        b->loop_count++;
    } else if (b->walk.blocks < depth && b->loop_count) {
        if (b->loop_count > LOOPS) {
            b->loop_count = LOOPS + 1; /* how many are closed is not followed: none of these has facts */
            if (b->walk.blocks <= b->loops[LOOPS - 1].depth)
                b->loop_count = LOOPS;
        }
        if (b->loop_count <= LOOPS && b->loops[b->loop_count - 1].depth == b->walk.blocks)
            close_loop(b, at);
    }
    return true;
}

static bool count_write(void *self, const struct wasm_instr *instr)
{
    struct walk *w = self;
    if ((instr->op == WASM_OP_LOCAL_SET || instr->op == WASM_OP_LOCAL_TEE) && instr->index < w->local_count)
        w->locals[instr->index].writes++;
    return true;
}

/* The cursor is at the locals' vector, and goes to the first instruction. */
static bool count_locals(struct cursor *c, uint32_t params, uint32_t *count)
{
    struct wasm_type_use use = {0};
    uint64_t all = params;
    if (!wasm_skip_locals(c, &all, &use))
        return false;
    *count = (uint32_t)all;
    return all <= WASM_MAX_LOCALS;
}

static size_t first_site_from(const struct site_table *t, uint32_t file_off)
{
    size_t low = 0, high = t->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (t->sites[middle].file_off < file_off)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* A body that cannot be walked to its end leaves no facts: loops that were not closed would have none. */
static void walk_body(struct facts *f, uint32_t func)
{
    const struct wasm_module *m = f->module;
    const struct wasm_body *body = &m->bodies[func - m->func_imports];
    const struct wasm_type *type = &m->types[m->func_types[func]];
    struct error ignored = ERROR_INIT;
    struct cursor c = {m->bytes, m->bytes + body->code, m->bytes + body->end, &ignored};
    struct body b = {.facts = f, .walk = {.module = m, .stretch = 1}};
    if (!count_locals(&c, type->param_count, &b.walk.local_count))
        return;
    b.walk.locals = calloc((size_t)b.walk.local_count + 1, sizeof *b.walk.locals);
    if (!b.walk.locals) {
        f->failed = true;
        return;
    }
    for (uint32_t i = 0; i < type->param_count; i++)
        b.walk.locals[i].writes = 1;
    b.site = first_site_from(f->table, body->code);
    b.site_end = first_site_from(f->table, body->end);
    size_t first = b.site;
    struct cursor again = c;
    if (!wasm_expr_walk(&c, count_write, &b.walk) || !wasm_expr_walk(&again, visit, &b))
        memset(&f->sites[first], 0, (b.site_end - first) * sizeof *f->sites);
    else if (!b.more)
        f->work[func - m->func_imports] = (uint8_t)work_of(f->table, f->sites, first, b.site_end);
    free(b.walk.locals);
}

bool facts_failed(const struct facts *f)
{
    return f->failed;
}

/* False where there is no such function with a body. */
static bool look_at(struct facts *f, uint32_t func)
{
    const struct wasm_module *m = f->module;
    if (func < m->func_imports || func - m->func_imports >= m->body_count)
        return false;
    if (!f->walked[func - m->func_imports]) {
        f->walked[func - m->func_imports] = 1;
        walk_body(f, func);
    }
    return true;
}

enum function_work facts_work(struct facts *f, uint32_t func)
{
    return look_at(f, func) ? (enum function_work)f->work[func - f->module->func_imports] : WORK_ANY;
}

const struct site_facts *facts_find(struct facts *f, site_id id)
{
    static const struct site_facts nothing = {.named = -1};
    if (id < SITE_FIRST || id - SITE_FIRST >= f->table->count)
        return &nothing;
    if (!look_at(f, site_get(f->table, id)->func))
        return &nothing;
    const struct site_facts *facts = &f->sites[id - SITE_FIRST];
    return facts->known ? facts : &nothing;
}
