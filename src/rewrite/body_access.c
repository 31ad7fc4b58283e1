/* A body's accesses: what stands beside each, and in which form. */
#include "rewrite/body.h"
#include "rewrite/hot.h"
#include "rewrite/online.h"
#include "trace/record.h"

/* Before the code of an access. */
static void need_context(struct body *b)
{
    if (!b->rw->options->contexts || b->epoch)
        return;
    context_emit_check(&b->emitter);
    b->epoch = ++b->epochs;
}

static void need_room(struct body *b, uint32_t bytes)
{
    if (!b->region || b->region_room < bytes) {
        emit_check(b->rw, b->code);
        b->region = ++b->regions;
        b->region_room = GUEST_SLACK;
    }
    b->region_room -= bytes;
}

void body_end_records(struct body *b)
{
    if (!b->recording)
        return;
    for (size_t i = b->recorded_first; i < b->rw->sites->count; i++)
        b->rw->sites->sites[i].stretch_end = (uint32_t)b->code->size;
    emit_record_end(&b->emitter, b->recorded);
    b->recording = false;
}

/* Records an access to the stretch's records.  An instrumented file that runs elsewhere cannot have its trace completed after a
 * trap, so there each record is added at once. */
static void record_inline(struct body *b, const struct wasm_instr *instr, site_id id)
{
    struct site *site = &b->rw->sites->sites[id - SITE_FIRST];
    uint32_t size = access_record_size(b->rw, site);
    bool tell = b->rw->options->contexts && !b->epoch;
    if (tell || !b->region || b->region_room < size || site->kind == ACCESS_WAIT) /* where the program may stand long */
        body_end_records(b);
    need_context(b);
    need_room(b, size);
    enum temp operands[4];
    for (unsigned n = access_operands(site, instr, operands); n--;)
        emit_set(&b->emitter, operands[n]);
    uint32_t head = record_head(id, size / RECORD_UNIT, 0);
    if (!b->rw->options->for_run) {
        emit_access(&b->emitter, instr, site, head, false);
        return;
    }
    if (!b->recording) {
        b->recording = true;
        b->recorded = 0;
        b->recorded_first = id - SITE_FIRST;
        b->counter_start = (uint32_t)b->code->size;
        wasm_put_op_u32(b->code, WASM_OP_GLOBAL_GET, b->rw->pointer);
        emit_set(&b->emitter, TEMP_RECORD);
    }
    site->stretch_start = b->counter_start;
    site->code_end = emit_access_at(&b->emitter, instr, site, head, b->recorded);
    b->recorded += size;
}

static struct site make_site(const struct body *b, const struct wasm_instr *instr)
{
    const struct wasm_opcode_info *info = wasm_opcode_info(instr->op);
    static const uint8_t kinds[] = {
        [WASM_ACCESS_LOAD] = ACCESS_LOAD,       [WASM_ACCESS_STORE] = ACCESS_STORE, [WASM_ACCESS_RMW] = ACCESS_RMW,
        [WASM_ACCESS_CMPXCHG] = ACCESS_CMPXCHG, [WASM_ACCESS_WAIT] = ACCESS_WAIT,   [WASM_ACCESS_FILL] = ACCESS_FILL,
        [WASM_ACCESS_COPY] = ACCESS_COPY,       [WASM_ACCESS_INIT] = ACCESS_INIT};
    struct site site = {
        .file_off = body_file_off(b, instr->start),
        .func = b->func,
        .opcode = (uint16_t)instr->op,
        .memory = (uint16_t)instr->memory,
        .kind = kinds[info->access],
        .width = info->width,
        .value = info->value,
        .address_64 = memory_is_64(b->rw, instr->memory),
    };
    if (site.kind == ACCESS_COPY) {
        site.memory_from = (uint16_t)instr->memory_from;
        site.address_64 |= memory_is_64(b->rw, instr->memory_from);
    } else if (site.kind == ACCESS_INIT) {
        site.segment = instr->index;
    } else if (site.kind != ACCESS_FILL) {
        site.static_offset = instr->static_offset;
    }
    return site;
}

static bool check_memory(struct body *b, const struct wasm_instr *instr, uint32_t memory)
{
    if (memory < b->rw->in->memory_count)
        return true;
    return error_at(b->rw->err, ERROR_INPUT, body_file_off(b, instr->start), "unknown memory %u", memory);
}

static void give_cell(struct rewriter *rw, struct site *site)
{
    bool store = site->kind == ACCESS_STORE;
    site->cell = (uint32_t)rw->cells;
    rw->cells +=
        habit_is_hot(&site->habit) ? hot_cell_size(&site->habit, store, site->width) : cell_size(store, site->width);
}

/* What earlier runs say of the site; NULL where there were none. */
static const struct habit *habit_of(const struct body *b, site_id id)
{
    const struct rewrite_options *o = b->rw->options;
    uint64_t n = id - SITE_FIRST - b->rw->context.extra_sites;
    return o->inlining == REWRITE_INLINE_AUTO && o->habits && n < o->habits->count ? &o->habits->by_site[n] : NULL;
}

/* Whether code is to stand in the body: as earlier runs say, or where loops enclose it. */
static bool is_in_body(const struct body *b, const struct habit *habit)
{
    bool warm = habit && habit->kind != HABIT_COLD;
    if (!b->rw->options->online) /* it is short enough to stand in loops as well */
        return b->inlining && (warm || b->loops >= b->rw->inline_depth);
    return b->inlining && (habit ? warm : b->loops >= b->rw->inline_depth);
}

/* A load or store of a module that keeps planes. */
static bool rewrite_online(struct body *b, const struct wasm_instr *instr, site_id id)
{
    struct rewriter *rw = b->rw;
    struct site *site = &rw->sites->sites[id - SITE_FIRST];
    const struct habit *habit = habit_of(b, id);
    bool in_body = is_in_body(b, habit);
    if (in_body && habit)
        site->habit = *habit;
    if (site->kind != ACCESS_LOAD || (site->width != 4 && site->width != 8))
        site->habit.mixed.log2 = 0; /* a file may say anything */
    give_cell(rw, site);
    site->counter = site->cell + cell_counter(site->kind == ACCESS_STORE, site->width);
    mark own = mark_make(id, site->kind == ACCESS_STORE ? MARK_PUT | MARK_UNREAD : 0);
    if (in_body) {
        enum temp operands[4];
        for (unsigned n = access_operands(site, instr, operands); n--;)
            emit_set(&b->emitter, operands[n]);
        if (!b->counter) {
            b->counter = (uint32_t)rw->cells;
            rw->cells += 16; /* cells lie at multiples of 16 */
            b->counter_start = (uint32_t)b->code->size;
            online_emit_counter(&b->emitter, b->counter);
        }
        site->counter = b->counter;
        site->stretch_start = b->counter_start;
        site->code_end = habit_is_hot(&site->habit) ? hot_emit(&b->emitter, instr, site, own)
                                                    : online_emit(&b->emitter, instr, site, own, false);
        return true;
    }
    b->counter = 0; /* a trap in the hook would not tell where */
    uint32_t hook;
    if (!hook_for(rw, instr, site, &hook))
        return false;
    wasm_put_i32_const(b->code, (int32_t)own);
    wasm_put_i32_const(b->code, (int32_t)site->cell);
    wasm_put_op_u32(b->code, WASM_OP_CALL, hook);
    return true;
}

bool body_access(struct body *b, const struct wasm_instr *instr)
{
    if (!check_memory(b, instr, instr->memory) ||
        (instr->op == WASM_OP_MEMORY_COPY && !check_memory(b, instr, instr->memory_from)))
        return false;
    struct rewriter *rw = b->rw;
    struct site site = make_site(b, instr);
    site_id id;
    if (!rewriter_add_site(rw, &site, &id))
        return false;
    body_replace(b, instr);
    bool bulk = site.kind >= ACCESS_FILL;
    if (rw->options->online && !bulk && online_covers(instr, &site))
        return rewrite_online(b, instr, id);
    if (!rw->options->online && !bulk && is_in_body(b, habit_of(b, id))) {
        record_inline(b, instr, id);
        return true;
    }
    body_end_records(b);
    need_context(b);
    uint32_t hook, size = !bulk ? access_record_size(rw, &site) : site.kind == ACCESS_COPY ? 32 : 24;
    if (!hook_for(rw, instr, &site, &hook))
        return false;
    wasm_put_i32_const(b->code, (int32_t)record_head(id, size / RECORD_UNIT, 0));
    wasm_put_op_u32(b->code, WASM_OP_CALL, hook);
    b->region = 0;
    b->counter = 0;
    return true;
}
