/* trace_print.h: prints a trace, batch by batch. */
#ifndef MT_RENDER_TRACE_PRINT_H
#define MT_RENDER_TRACE_PRINT_H

#include "render/line.h"
#include "trace/record.h"

enum trace_form {
    TRACE_TEXT,       /* as -fff: render.h */
    TRACE_JSON_LINES, /* an object for each record; fields that do not apply are left out */
    TRACE_CSV,        /* a line for each; fields that do not apply are empty */
};

struct trace_printer {
    struct output *out;
    enum trace_form form;
    const struct site_table *table;
    uint32_t (*code)(uint16_t opcode);    /* prefix byte << 16 | opcode behind it, or just the opcode */
    const char *(*name)(uint16_t opcode); /* not for text */
    uint64_t index;                       /* of the next access */
    struct line line;
};

/* What stands before all records: in CSV a line of names. */
void trace_print_start(struct trace_printer *p);
void trace_print(struct trace_printer *p, const uint8_t *records, size_t size);

/* `I32(7)` */
void trace_print_value(struct line *l, unsigned type, const union access_value *value);

/* trace_rows.c: one record as an object or a line of CSV. */
void trace_row(struct trace_printer *p, const struct access *a, const uint8_t *record);

#endif
