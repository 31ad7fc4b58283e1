/* elf_image.h: the DWARF sections of a WebAssembly module as an ELF file in memory, which is what DWARF libraries read.
 *
 * ELF: System V ABI, chapter 4 (object files); DWARF in custom sections: "DWARF for WebAssembly". */
#ifndef MT_SYMBOL_ELF_IMAGE_H
#define MT_SYMBOL_ELF_IMAGE_H

#include "base/buf.h"
#include "wasm/module.h"

/* Whether the module has DWARF: a .debug_info section that is not empty. */
bool elf_image_possible(const struct wasm_module *module);

/* Appends the image to an empty buffer.  False and *err when memory is short. */
bool elf_image_make(const struct wasm_module *module, struct buf *out, struct error *err);

#endif
