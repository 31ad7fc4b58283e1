/* cells.h: what forms for spreadsheets share. */
#ifndef MT_RENDER_CELLS_H
#define MT_RENDER_CELLS_H

#include "render/output.h"

#include <stdbool.h>
#include <stdint.h>

/* A comma, and a text in quotes; one that a spreadsheet would take for a formula gets an apostrophe in front. */
void put_cell(struct output *out, const char *text);
/* A comma, and the number, where it is known. */
void put_number(struct output *out, uint64_t value, bool known);

#endif
