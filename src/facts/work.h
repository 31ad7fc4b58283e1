/* work.h: what a whole function does at memory, where that is one thing; private to this folder. */
#ifndef MT_FACTS_WORK_H
#define MT_FACTS_WORK_H

#include "facts/facts.h"
#include "wasm/instr.h"

/* Whether the instruction does nothing but compute, branch, and load or store: no call, no global, table or atomic. */
bool work_is_plain(const struct wasm_instr *instr);

/* What the function of these sites does; all of its instructions are plain. */
enum function_work work_of(const struct site_table *table, const struct site_facts *sites, size_t first, size_t end);

#endif
