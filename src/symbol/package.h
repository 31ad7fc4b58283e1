/* package.h: where a unit's parts stand in a file of split DWARF: a .dwo of one program's unit, or a package of many (.dwp).
 *
 * DWARF 5, 7.3.5 (package files); "DebugFissionDWP" of GCC's wiki for the form before it.  In WebAssembly both are modules with custom sections. */
#ifndef MT_SYMBOL_PACKAGE_H
#define MT_SYMBOL_PACKAGE_H

#include "symbol/elf_image.h"

/* Whether the module is such a file. */
bool package_possible(const struct wasm_module *module);

/* The sections of the unit with this id, and of type units from the same compilation, by the names that they have where DWARF is not split.
 * Their number in *count, at most ELF_SECTIONS_MAX; some are made, in `made`, which is empty before and must live as long.
 * False where the file has no unit of that id. */
bool package_find(const struct wasm_module *module, uint64_t id, struct buf *made, struct elf_section *sections,
                  unsigned *count);

#endif
