/* elf_image.h: the DWARF sections of a WebAssembly module as an ELF file in memory, which is what DWARF libraries read.
 *
 * ELF: System V ABI, chapter 4 (object files); DWARF in custom sections: "DWARF for WebAssembly". */
#ifndef MT_SYMBOL_ELF_IMAGE_H
#define MT_SYMBOL_ELF_IMAGE_H

#include "base/buf.h"
#include "wasm/module.h"

struct elf_section {
    const char *name; /* such as .debug_info */
    const uint8_t *bytes;
    size_t size;
};

enum { ELF_SECTIONS_MAX = 16 };

/* Whether the module has DWARF: a .debug_info section that is not empty. */
bool elf_image_possible(const struct wasm_module *module);

/* Appends the image to an empty buffer.  False and *err when memory is short. */
bool elf_image_make(const struct wasm_module *module, struct buf *out, struct error *err);

/* The same of sections from anywhere, at most ELF_SECTIONS_MAX; one of them is .debug_info. */
bool elf_image_put(const struct elf_section *sections, unsigned count, struct buf *out, struct error *err);

#endif
