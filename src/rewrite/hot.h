/* hot.h: the code beside an access of a site whose habit is known (trace/habit.h).  It calls nothing. */
#ifndef MT_REWRITE_HOT_H
#define MT_REWRITE_HOT_H

#include "rewrite/emit.h"

/* As online_emit, for a site with habit_is_hot and a cell of hot_cell_size. */
uint32_t hot_emit(struct emitter *e, const struct wasm_instr *instr, const struct site *site, mark own);

#endif
