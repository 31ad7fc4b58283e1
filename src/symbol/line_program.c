#include "symbol/line_program.h"

#include <dwarf.h>
#include <string.h>

static const char what[] = "line numbers";

static bool read_fixed(struct cursor *c, size_t size, uint64_t *value)
{
    struct cursor part;
    if (size > sizeof *value || !cursor_split(c, size, what, &part))
        return false;
    *value = 0;
    for (size_t i = 0; i < size; i++)
        *value |= (uint64_t)part.at[i] << 8 * i;
    return true;
}

/* A length of 32 bits, or of 64 behind an escape (section 7.4).  *offset_size: of offsets in what follows. */
static bool read_length(struct cursor *c, size_t *offset_size, uint64_t *length)
{
    *offset_size = 4;
    if (!read_fixed(c, 4, length) || *length < 0xfffffff0)
        return !c->err->code;
    *offset_size = 8;
    return *length == 0xffffffff && read_fixed(c, 8, length);
}

static bool read_parameters(struct line_program *p, uint16_t version)
{
    uint8_t ignored, base;
    p->operations_max = 1;
    if (!cursor_u8(&p->at, what, &p->instruction_size) ||
        (version >= 4 && !cursor_u8(&p->at, what, &p->operations_max)) || !cursor_u8(&p->at, what, &ignored) ||
        !cursor_u8(&p->at, what, &base) || !cursor_u8(&p->at, what, &p->line_range) ||
        !cursor_u8(&p->at, what, &p->opcode_base))
        return false;
    p->line_base = (int8_t)base;
    for (unsigned i = 1; i < p->opcode_base; i++)
        if (!cursor_u8(&p->at, what, &p->operand_counts[i]))
            return false;
    return p->opcode_base > 0 && p->line_range > 0 && p->operations_max > 0;
}

bool line_program_open(struct line_program *p, const uint8_t *section, size_t size, uint64_t offset,
                       uint8_t address_size)
{
    *p = (struct line_program){.fault = ERROR_INIT, .address_size = address_size};
    struct cursor c = cursor_over(section, size, &p->fault);
    size_t offset_size;
    uint64_t length = 0, version, ignored, header;
    if (offset > size || !cursor_skip(&c, (size_t)offset, what) || !read_length(&c, &offset_size, &length) ||
        length > cursor_left(&c) || !cursor_split(&c, (size_t)length, what, &p->at) ||
        !read_fixed(&p->at, 2, &version) || version < 2 || version > 5)
        return false;
    if (version == 5 && (!cursor_u8(&p->at, what, &p->address_size) || !read_fixed(&p->at, 1, &ignored)))
        return false;
    if (!read_fixed(&p->at, offset_size, &header) || header > cursor_left(&p->at))
        return false;
    const uint8_t *operations = p->at.at + header;
    if (!read_parameters(p, (uint16_t)version) || p->at.at > operations)
        return false;
    p->at.at = operations; /* behind the lists of folders and files, which libdw reads */
    line_program_seek(p, line_program_offset(p));
    return true;
}

uint64_t line_program_offset(const struct line_program *p)
{
    return cursor_offset(&p->at);
}

void line_program_seek(struct line_program *p, uint64_t offset)
{
    p->at.at = p->at.start + offset;
    p->row = (struct line_row){.file = 1, .line = 1};
    p->operation = 0;
}

/* Section 6.2.5.1. */
static void advance(struct line_program *p, uint64_t operations)
{
    uint64_t sum = p->operation + operations;
    p->row.address += p->instruction_size * (sum / p->operations_max);
    p->operation = sum % p->operations_max;
}

static void advance_special(struct line_program *p, uint8_t opcode)
{
    advance(p, (uint8_t)(opcode - p->opcode_base) / p->line_range);
}

static uint32_t narrow(uint64_t value)
{
    return value <= UINT32_MAX ? (uint32_t)value : 0;
}

static bool extended(struct line_program *p)
{
    uint64_t size, value;
    struct cursor body;
    uint8_t opcode;
    if (!cursor_leb_u64(&p->at, what, &size) || size > cursor_left(&p->at) ||
        !cursor_split(&p->at, (size_t)size, what, &body) || !cursor_u8(&body, what, &opcode))
        return false;
    if (opcode == DW_LNE_end_sequence)
        p->row.ends = true;
    if (opcode != DW_LNE_set_address)
        return true;
    if (!read_fixed(&body, cursor_left(&body), &value))
        return false;
    p->row.address = value;
    p->operation = 0;
    return true;
}

/* An opcode whose operand is a number; others are skipped.  *ok is false where it cannot be read. */
static bool standard(struct line_program *p, uint8_t opcode)
{
    uint64_t value = 0;
    int64_t delta;
    switch (opcode) {
    case DW_LNS_advance_line:
        if (!cursor_leb_s64(&p->at, what, &delta))
            return false;
        p->row.line = (uint32_t)(p->row.line + (uint64_t)delta);
        return true;
    case DW_LNS_fixed_advance_pc:
        if (!read_fixed(&p->at, 2, &value))
            return false;
        p->row.address += value;
        p->operation = 0;
        return true;
    case DW_LNS_const_add_pc:
        advance_special(p, 255);
        return true;
    default:
        break;
    }
    for (unsigned i = 0; i < p->operand_counts[opcode]; i++)
        if (!cursor_leb_u64(&p->at, what, &value))
            return false;
    if (opcode == DW_LNS_advance_pc)
        advance(p, value);
    else if (opcode == DW_LNS_set_file)
        p->row.file = narrow(value);
    else if (opcode == DW_LNS_set_column)
        p->row.column = narrow(value);
    return true;
}

static void emit(struct line_program *p, struct line_row *row)
{
    *row = p->row;
    if (p->address_size == 4)
        row->address &= UINT32_MAX;
    if (row->ends)
        line_program_seek(p, line_program_offset(p));
}

bool line_program_next(struct line_program *p, struct line_row *row)
{
    while (cursor_left(&p->at)) {
        uint8_t opcode = *p->at.at++;
        if (opcode >= p->opcode_base) {
            advance_special(p, opcode);
            p->row.line += (uint32_t)(p->line_base + (uint8_t)(opcode - p->opcode_base) % p->line_range);
        } else if (!(opcode ? standard(p, opcode) : extended(p))) {
            return false;
        }
        if (opcode >= p->opcode_base || opcode == DW_LNS_copy || p->row.ends) {
            emit(p, row);
            return true;
        }
    }
    return false;
}
