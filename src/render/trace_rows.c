/* A trace as JSON lines or CSV: for each record the same fields, in the same order. */
#include "render/trace_print.h"

struct row {
    struct trace_printer *p;
    bool json, first;
};

/* The next field, to be followed by its value where it applies. */
static bool field(struct row *r, const char *name, bool applies)
{
    struct line *l = &r->p->line;
    if (!r->json) {
        line_text(l, r->first ? "" : ",");
    } else if (applies) {
        line_text(l, r->first ? "{\"" : ",\"");
        line_text(l, name);
        line_text(l, "\":");
    }
    r->first = r->first && !(r->json ? applies : true);
    return applies;
}

static void number(struct row *r, const char *name, bool applies, uint64_t value)
{
    if (field(r, name, applies))
        line_decimal(&r->p->line, value);
}

static void boolean(struct row *r, const char *name, bool applies, bool value)
{
    if (field(r, name, applies))
        line_text(&r->p->line, value ? "true" : "false");
}

/* Words of ours, without a quote or comma. */
static void word(struct row *r, const char *name, bool applies, const char *value)
{
    if (!field(r, name, applies))
        return;
    line_text(&r->p->line, r->json ? "\"" : "");
    line_text(&r->p->line, value);
    line_text(&r->p->line, r->json ? "\"" : "");
}

/* In CSV all values are one field, with blanks between them. */
static void values(struct row *r, const struct site *site, const struct access *a)
{
    struct line *l = &r->p->line;
    if (!field(r, "values", a->values > 0) || !site)
        return;
    line_text(l, r->json ? "[" : "");
    for (unsigned i = 0; i < a->values; i++) {
        line_text(l, i == 0 ? "" : r->json ? "," : " ");
        line_text(l, r->json ? "\"" : "");
        trace_print_value(l, a->kind == ACCESS_WAIT && i == 1 ? VALUE_I32 : site->value, &a->value[i]);
        line_text(l, r->json ? "\"" : "");
    }
    line_text(l, r->json ? "]" : "");
}

/* What a record that is no access tells: trace/record.h, object.h. */
struct note {
    bool has_call, has_func, object, allocation;
    site_id call;
    uint32_t func;
    uint64_t address, size, old;
};

static struct note note_of(const struct access *a, const uint8_t *record)
{
    switch (a->kind) {
    case ACCESS_OPAQUE_ENTER:
    case ACCESS_OPAQUE_LEAVE:
        return (struct note){.has_call = true, .has_func = true, .call = a->site, .func = a->aux};
    case ACCESS_CONTEXT_NEW:
        return (struct note){
            .has_call = true, .has_func = true, .call = record_u32(record + 8), .func = record_u32(record + 12)};
    case ACCESS_OBJECT:
        if (record_size(record_u32(record)) == 2 * RECORD_UNIT)
            return (struct note){.has_func = true, .object = true, .func = a->aux, .address = record_u64(record + 8)};
        return (struct note){.has_call = true,
                             .object = true,
                             .allocation = true,
                             .call = a->aux,
                             .address = record_u64(record + 8),
                             .size = record_u64(record + 16),
                             .old = record_u64(record + 24)};
    default:
        return (struct note){0};
    }
}

void trace_row(struct trace_printer *p, const struct access *a, const uint8_t *record)
{
    static const char *const kinds[] = {[ACCESS_LOAD] = "load",
                                        [ACCESS_STORE] = "store",
                                        [ACCESS_RMW] = "rmw",
                                        [ACCESS_CMPXCHG] = "cmpxchg",
                                        [ACCESS_WAIT] = "wait",
                                        [ACCESS_FILL] = "fill",
                                        [ACCESS_COPY] = "copy",
                                        [ACCESS_INIT] = "init",
                                        [ACCESS_HOST_READ] = "host_read",
                                        [ACCESS_HOST_WRITE] = "host_write",
                                        [ACCESS_OPAQUE_ENTER] = "opaque_enter",
                                        [ACCESS_OPAQUE_LEAVE] = "opaque_leave",
                                        [ACCESS_CONTEXT] = "context",
                                        [ACCESS_CONTEXT_NEW] = "new_context",
                                        [ACCESS_OBJECT] = "stack"};
    struct row r = {.p = p, .json = p->form == TRACE_JSON_LINES, .first = true};
    bool numbered = access_is_numbered(a->kind), copy = a->kind == ACCESS_COPY;
    bool bulk = a->kind == ACCESS_FILL || copy || a->kind == ACCESS_INIT;
    const struct site *site = numbered && a->kind < ACCESS_HOST_READ ? site_get(p->table, a->site) : NULL;
    struct note n = note_of(a, record);
    number(&r, "index", numbered, p->index);
    word(&r, "kind", true, n.allocation ? "allocation" : kinds[a->kind]);
    word(&r, "op", site, site ? p->name(site->opcode) : "");
    number(&r, "loc", numbered || n.has_call, site_loc(p->table, numbered ? a->site : n.call));
    number(&r, "memory", numbered, a->memory);
    number(&r, "address", numbered || n.object, numbered ? a->address : n.address);
    number(&r, "length", numbered || n.allocation, numbered ? a->length : n.size);
    boolean(&r, "silent", a->kind == ACCESS_STORE || bulk, a->flag);
    boolean(&r, "wrote", a->kind == ACCESS_CMPXCHG, a->flag);
    number(&r, "from_memory", copy, a->memory_from);
    number(&r, "source", copy || a->kind == ACCESS_INIT || n.allocation,
           n.allocation ? n.old
           : copy       ? a->source
                        : a->aux);
    number(&r, "segment", a->kind == ACCESS_INIT, a->kind == ACCESS_INIT ? site->segment : 0);
    number(&r, "value", a->kind == ACCESS_FILL, a->aux & 0xff);
    number(&r, "function", n.has_func, n.func);
    number(&r, "context", a->kind == ACCESS_CONTEXT || a->kind == ACCESS_CONTEXT_NEW, a->aux);
    values(&r, site, a);
    line_text(&p->line, r.json ? "}" : "");
    line_end(&p->line, p->out);
    p->index += numbered;
}
