#include "render/line.h"
#include "render/number.h"
#include "render/render.h"
#include "render/trace_print.h"

static void put_number(struct line *l, const char *key, uint64_t value)
{
    line_text(l, key);
    line_decimal(l, value);
}

static void put_v128(struct line *l, const uint8_t bytes[16])
{
    char text[33];
    for (size_t i = 0; i < 16; i++) {
        text[2 * i] = "0123456789abcdef"[bytes[i] >> 4];
        text[2 * i + 1] = "0123456789abcdef"[bytes[i] & 15];
    }
    text[32] = '\0';
    line_text(l, text);
}

void trace_print_value(struct line *l, unsigned type, const union access_value *value)
{
    char text[NUMBER_SIZE];
    switch (type) {
    case VALUE_I32:
        line_text(l, "I32(");
        line_signed(l, (int32_t)value->u32);
        break;
    case VALUE_I64:
        line_text(l, "I64(");
        line_signed(l, (int64_t)value->u64);
        break;
    case VALUE_F32:
        number_f32(text, value->u32);
        line_text(l, "F32(");
        line_text(l, text);
        break;
    case VALUE_F64:
        number_f64(text, value->u64);
        line_text(l, "F64(");
        line_text(l, text);
        break;
    default:
        line_text(l, "V128(");
        put_v128(l, value->bytes);
        break;
    }
    line_text(l, ")");
}

/* `StoreRecord { code: 0x36, loc: 0x35, addr: 16`, with which every line of an instruction starts. */
static void put_front(struct trace_printer *t, const char *name, const struct site *site, const struct access *a)
{
    struct line *l = &t->line;
    uint32_t code = t->code(site->opcode);
    line_text(l, name);
    line_text(l, " { code: 0x");
    if (code >> 16)
        line_hex(l, code >> 16, 2);
    line_hex(l, code & 0xFFFF, 2);
    line_text(l, ", loc: 0x");
    line_hex(l, site->file_off, 1);
    put_number(l, ", addr: ", a->operand);
}

static void put_scalar(struct trace_printer *t, const struct site *site, const struct access *a)
{
    static const char *const names[] = {[ACCESS_LOAD] = "LoadRecord",
                                        [ACCESS_STORE] = "StoreRecord",
                                        [ACCESS_RMW] = "RmwRecord",
                                        [ACCESS_CMPXCHG] = "CmpxchgRecord",
                                        [ACCESS_WAIT] = "WaitRecord"};
    static const char *const keys[][3] = {[ACCESS_LOAD] = {", value: "},
                                          [ACCESS_STORE] = {", value: "},
                                          [ACCESS_RMW] = {", value: ", ", loaded: "},
                                          [ACCESS_CMPXCHG] = {", expected: ", ", replacement: ", ", loaded: "},
                                          [ACCESS_WAIT] = {", expected: ", ", result: "}};
    put_front(t, names[a->kind], site, a);
    for (unsigned i = 0; i < a->values; i++) {
        bool result_of_wait = a->kind == ACCESS_WAIT && i == 1;
        line_text(&t->line, keys[a->kind][i]);
        trace_print_value(&t->line, result_of_wait ? VALUE_I32 : site->value, &a->value[i]);
    }
    if (a->kind == ACCESS_CMPXCHG)
        line_text(&t->line, a->flag ? ", wrote: true" : ", wrote: false");
    put_number(&t->line, ", offset: ", site->static_offset);
}

static void put_bulk(struct trace_printer *t, const struct site *site, const struct access *a)
{
    struct line *l = &t->line;
    switch (a->kind) {
    case ACCESS_FILL:
        put_front(t, "FillRecord", site, a);
        line_text(l, ", value: I32(");
        line_signed(l, (int32_t)a->aux);
        line_text(l, ")");
        break;
    case ACCESS_COPY:
        put_front(t, "CopyRecord", site, a);
        put_number(l, ", source: ", a->source);
        break;
    default:
        put_front(t, "InitRecord", site, a);
        put_number(l, ", segment: ", site->segment);
        put_number(l, ", source: ", a->aux);
        break;
    }
    put_number(l, ", length: ", a->length);
}

static void put_host(struct trace_printer *t, const struct access *a)
{
    struct line *l = &t->line;
    line_text(l, a->kind == ACCESS_HOST_READ ? "HostReadRecord { loc: 0x" : "HostWriteRecord { loc: 0x");
    line_hex(l, site_loc(t->table, a->site), 1);
    put_number(l, ", addr: ", a->address);
    put_number(l, ", length: ", a->length);
}

/* No access, but what a reader must know to judge the ones around it. */
static void put_opaque(struct trace_printer *t, const struct access *a)
{
    struct line *l = &t->line;
    put_number(l, "// opaque call of import ", a->aux);
    line_text(l, " at 0x");
    line_hex(l, site_loc(t->table, a->site), 1);
    if (a->kind == ACCESS_OPAQUE_LEAVE)
        line_text(l, " is over");
}

static void put_memories(struct line *l, const struct access *a)
{
    bool copy = a->kind == ACCESS_COPY;
    if (a->memory == 0 && (!copy || a->memory_from == 0))
        return;
    put_number(l, ", memory: ", a->memory);
    if (copy)
        put_number(l, ", from: ", a->memory_from);
}

static void put_access(struct trace_printer *t, const struct access *a, struct output *out)
{
    if (access_is_note(a->kind))
        return;
    if (!access_is_numbered(a->kind)) {
        put_opaque(t, a);
        line_end(&t->line, out);
        return;
    }
    put_number(&t->line, "[", t->index++);
    line_text(&t->line, "] ");
    switch (a->kind) {
    case ACCESS_HOST_READ:
    case ACCESS_HOST_WRITE:
        put_host(t, a);
        break;
    case ACCESS_FILL:
    case ACCESS_COPY:
    case ACCESS_INIT:
        put_bulk(t, site_get(t->table, a->site), a);
        break;
    default:
        put_scalar(t, site_get(t->table, a->site), a);
    }
    put_memories(&t->line, a);
    line_text(&t->line, " }");
    line_end(&t->line, out);
}

void trace_print_start(struct trace_printer *p)
{
    if (p->form == TRACE_CSV)
        output_text(p->out, "index,kind,op,loc,memory,address,length,silent,wrote,from_memory,source,segment,value,"
                            "function,context,values\n");
}

void trace_print(struct trace_printer *p, const uint8_t *records, size_t size)
{
    for (const uint8_t *at = records, *end = records + size; at < end && !output_failed(p->out);) {
        struct access access;
        const uint8_t *record = at;
        at += record_read(p->table, at, &access);
        if (p->form == TRACE_TEXT)
            put_access(p, &access, p->out);
        else
            trace_row(p, &access, record);
    }
}

bool render_trace(struct output *out, struct record_spool *records, const struct site_table *table,
                  uint32_t (*code)(uint16_t opcode))
{
    struct trace_printer p = {.out = out, .form = TRACE_TEXT, .table = table, .code = code};
    if (!record_spool_rewind(records))
        return false;
    const uint8_t *batch;
    size_t size;
    while (!output_failed(out) && record_spool_next(records, &batch, &size))
        trace_print(&p, batch, size);
    return !records->file.failed;
}
