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
    if (!field(r, "values", a->values > 0))
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

void trace_row(struct trace_printer *p, const struct access *a, const uint8_t *record)
{
    static const char *const kinds[] = {
        [ACCESS_LOAD] = "load",           [ACCESS_STORE] = "store",
        [ACCESS_RMW] = "rmw",             [ACCESS_CMPXCHG] = "cmpxchg",
        [ACCESS_WAIT] = "wait",           [ACCESS_FILL] = "fill",
        [ACCESS_COPY] = "copy",           [ACCESS_INIT] = "init",
        [ACCESS_HOST_READ] = "host_read", [ACCESS_HOST_WRITE] = "host_write",
        [ACCESS_OPAQUE_ENTER] = "opaque_enter", [ACCESS_OPAQUE_LEAVE] = "opaque_leave",
        [ACCESS_CONTEXT] = "context",     [ACCESS_CONTEXT_NEW] = "new_context"};
    struct row r = {.p = p, .json = p->form == TRACE_JSON_LINES, .first = true};
    bool numbered = access_is_numbered(a->kind), copy = a->kind == ACCESS_COPY;
    bool context = a->kind == ACCESS_CONTEXT || a->kind == ACCESS_CONTEXT_NEW;
    bool bulk = a->kind == ACCESS_FILL || copy || a->kind == ACCESS_INIT;
    bool instruction = numbered && a->kind < ACCESS_HOST_READ;
    const struct site *site = instruction ? site_get(p->table, a->site) : NULL;
    uint32_t loc = context ? a->kind == ACCESS_CONTEXT_NEW ? site_loc(p->table, record_u32(record + 8)) : 0
                           : site_loc(p->table, a->site);
    number(&r, "index", numbered, p->index);
    word(&r, "kind", true, kinds[a->kind]);
    word(&r, "op", instruction, instruction ? p->name(site->opcode) : "");
    number(&r, "loc", a->kind != ACCESS_CONTEXT, loc);
    number(&r, "memory", numbered, a->memory);
    number(&r, "address", numbered, a->address);
    number(&r, "length", numbered, a->length);
    boolean(&r, "silent", a->kind == ACCESS_STORE || bulk, a->flag);
    boolean(&r, "wrote", a->kind == ACCESS_CMPXCHG, a->flag);
    number(&r, "from_memory", copy, a->memory_from);
    number(&r, "source", copy || a->kind == ACCESS_INIT, copy ? a->source : a->aux);
    number(&r, "segment", a->kind == ACCESS_INIT, a->kind == ACCESS_INIT ? site->segment : 0);
    number(&r, "value", a->kind == ACCESS_FILL, a->aux & 0xff);
    number(&r, "import", a->kind == ACCESS_OPAQUE_ENTER || a->kind == ACCESS_OPAQUE_LEAVE, a->aux);
    number(&r, "context", context, a->aux);
    values(&r, site, a);
    line_text(&p->line, r.json ? "}" : "");
    line_end(&p->line, p->out);
    p->index += numbered;
}
