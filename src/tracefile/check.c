/* What the analysis takes for granted of records, and a file from elsewhere may not keep to. */
#include "base/vec.h"
#include "trace/context.h"
#include "tracefile/reader.h"
#include "wasm/opcode.h"

#include <stdlib.h>

/* Beyond, nobody can follow (analyze/shadow.h). */
static const uint64_t address_limit = UINT64_C(1) << 44;

static bool check_site(const struct wasm_module *m, const struct site *s)
{
    if (s->func < m->func_imports || s->func >= m->func_count || s->file_off >= m->size)
        return false;
    const uint8_t *at = m->bytes + s->file_off;
    const struct wasm_opcode_info *info = wasm_opcode_info((enum wasm_opcode)s->opcode);
    return *at == (info->prefix ? info->prefix : info->code);
}

bool trace_check_call(const struct trace_reader *r, const struct trap_call *call)
{
    const struct wasm_module *m = r->module;
    if (!m)
        return true;
    if (call->func < m->func_imports || call->func >= m->func_count)
        return false;
    const struct wasm_body *body = &m->bodies[call->func - m->func_imports];
    return call->file_off >= body->code && call->file_off < body->end;
}

bool trace_reader_check(struct trace_reader *r, const struct wasm_module *module, struct error *err)
{
    const struct site_table *t = r->sites;
    bool ok = t->memories == module->memory_count;
    for (size_t i = 0; ok && i < t->count; i++)
        ok = check_site(module, &t->sites[i]);
    if (!ok)
        return error_set(err, ERROR_INPUT, "the trace is not one of this module");
    r->module = module;
    r->limits = calloc((size_t)t->memories + 1, sizeof *r->limits);
    if (!r->limits)
        return error_no_memory(err);
    for (size_t i = 0; i < t->memories; i++) {
        const struct wasm_memory *m = &module->memories[i];
        uint64_t most = m->is_64 ? address_limit : UINT64_C(1) << 32;
        r->limits[i] = m->has_max && m->max < most >> m->page_size_log2 ? m->max << m->page_size_log2 : most;
    }
    return true;
}

static bool in_memory(const struct trace_reader *r, unsigned memory, uint64_t address, uint64_t length)
{
    return memory < r->sites->memories && address <= r->limits[memory] && length <= r->limits[memory] - address;
}

/* Contexts are numbered as they occur, and nothing happens in one that is not of its function. */
static bool check_context(struct trace_reader *r, const uint8_t *record, bool *fits)
{
    uint32_t node = record_u32(record + 4);
    *fits = r->head.contexts && node < r->context_count;
    if (!*fits)
        return true;
    if (record_site(record_u32(record)) == SITE_CONTEXT) {
        r->context_func = r->contexts[node];
        return true;
    }
    uint32_t func = record_u32(record + 12);
    *fits = !r->module || func == CONTEXT_NO_FUNC || func < r->module->func_count;
    if (!vec_room((void **)&r->contexts, &r->context_capacity, r->context_count, sizeof *r->contexts))
        return error_no_memory(r->err);
    r->contexts[r->context_count++] = func;
    return true;
}

static bool in_context(const struct trace_reader *r, site_id site)
{
    return r->context_func == CONTEXT_NO_FUNC || site < SITE_FIRST || site_get(r->sites, site)->func == r->context_func;
}

bool trace_check_init(struct trace_reader *r)
{
    r->context_func = CONTEXT_NO_FUNC;
    for (; r->context_count < CONTEXT_FIRST; r->contexts[r->context_count++] = CONTEXT_NO_FUNC)
        if (!vec_room((void **)&r->contexts, &r->context_capacity, r->context_count, sizeof *r->contexts))
            return error_no_memory(r->err);
    return true;
}

/* An allocation's call is in the context; the stack's function is one of the module. */
static bool check_object(const struct trace_reader *r, const uint8_t *record)
{
    uint32_t word = record_u32(record + 4);
    if (!r->head.objects)
        return false;
    if (record_size(record_u32(record)) == 2 * RECORD_UNIT)
        return !r->module || word < r->module->func_count;
    return (word == SITE_NONE || (word >= SITE_FIRST && word - SITE_FIRST < r->sites->count)) && in_context(r, word);
}

bool trace_check_record(struct trace_reader *r, const uint8_t *record, bool *fits)
{
    site_id id = record_site(record_u32(record));
    if (id == SITE_CONTEXT || id == SITE_CONTEXT_NEW)
        return check_context(r, record, fits);
    if (id == SITE_OBJECT) {
        *fits = check_object(r, record);
        return true;
    }
    *fits = true;
    if (!r->module)
        return true;
    struct access a;
    record_read(r->sites, record, &a);
    if (a.kind == ACCESS_OPAQUE_ENTER ||
        a.kind == ACCESS_OPAQUE_LEAVE) /* no access, so nobody tells of a context before it */
        *fits = a.aux < r->module->func_imports;
    else
        *fits = in_context(r, a.site) && a.address >= a.operand && in_memory(r, a.memory, a.address, a.length) &&
                (a.kind != ACCESS_COPY || in_memory(r, a.memory_from, a.source, a.length));
    return true;
}

bool trace_reader_accepts(struct trace_reader *r, const uint8_t *records, size_t size, size_t *good)
{
    for (*good = 0; *good < size; *good += record_size(record_u32(records + *good))) {
        const uint8_t *p = records + *good;
        bool fits = record_valid(r->sites, p, records + size);
        if (fits && !trace_check_record(r, p, &fits))
            return false;
        if (!fits)
            return error_set(r->err, ERROR_INPUT, "at byte %zu is no record of this module", *good);
    }
    return true;
}
