/* line_program.h: the rows of one line number program, sequence by sequence.
 *
 * libdw sorts the rows of all sequences of a unit into one list.  There the rows of a function that the linker dropped,
 * which begin at 0, stand between those of functions in use, and nothing tells them apart.
 *
 * Format: DWARF 5, section 6.2 (and versions 2 to 4, which differ in the header only). */
#ifndef MT_SYMBOL_LINE_PROGRAM_H
#define MT_SYMBOL_LINE_PROGRAM_H

#include "base/cursor.h"

struct line_row {
    uint64_t address;
    uint32_t file; /* the number that the program has for it */
    uint32_t line, column;
    bool ends; /* the address is the first behind the sequence; the rest says nothing */
};

struct line_program {
    struct cursor at; /* the next operation; its offsets count from the start of .debug_line */
    struct error fault;
    uint8_t instruction_size, operations_max, line_range, opcode_base, address_size;
    int8_t line_base;
    uint8_t operand_counts[256]; /* of standard opcodes */
    struct line_row row;
    uint64_t operation; /* within an instruction, on machines that have several */
};

/* Reads the header at `offset` of the section .debug_line.  address_size: of the unit, for headers that don't have it.
 * False when there is nothing that can be read. */
bool line_program_open(struct line_program *p, const uint8_t *section, size_t size, uint64_t offset,
                       uint8_t address_size);

/* Where the next row's operations begin.  At the beginning of a sequence all state is new, so that reading may start
 * there again. */
uint64_t line_program_offset(const struct line_program *p);
void line_program_seek(struct line_program *p, uint64_t offset);

/* False at the end, and when something cannot be read: then p->fault.code is set. */
bool line_program_next(struct line_program *p, struct line_row *row);

#endif
