/* dwarf.h: DWARF 4 and 5 of a module: which lines of which functions an instruction came from.
 *
 * Addresses are code_off: bytes from the start of the code section's content ("DWARF for WebAssembly").  Functions and
 * line sequences are looked over once; what they hold is read when it is first asked for, and kept.  What is broken gives
 * no frames, and a fault; what does not fit the code (dwarf_fit.h) gives none either. */
#ifndef MT_SYMBOL_DWARF_H
#define MT_SYMBOL_DWARF_H

#include "wasm/module.h"

enum { SYMBOL_FRAMES_MAX = 64 }; /* of one instruction; the outermost are left out where there are more */

/* One of the functions, inlined into each other, that an instruction stands in.  The strings live as long as what gave
 * them; NULL where there is none.  Line and column count from 1; 0: not known. */
struct symbol_frame {
    const char *function; /* in words, not mangled */
    const char *home;     /* the file that the function is declared in, whatever file the line is of */
    const char *file;
    const char *content; /* of the file, where the debug information has it */
    uint32_t line, column;
};

struct dwarf_info;

/* `module` holds the sections, and has them about the code of the module `running`; parts that it lacks are looked for in
 * `files`.  All must live as long.  False and *err only when memory is short: broken DWARF is a fault. */
struct split_files;
bool dwarf_info_open(struct dwarf_info **out, const struct wasm_module *module, const struct wasm_module *running,
                     const struct split_files *files, struct error *err);
void dwarf_info_close(struct dwarf_info *d);

/* The frames, innermost first, in *frames (room for SYMBOL_FRAMES_MAX), and how many in *count.  *why is NULL, or a
 * literal that says why the innermost line is not known; then there may be no frames at all. */
bool dwarf_info_frames(struct dwarf_info *d, uint64_t code_off, struct symbol_frame *frames, size_t *count,
                       const char **why, struct error *err);

/* Variables with a fixed address (variables.h). */
struct symbol_variables;
bool dwarf_info_variables(struct dwarf_info *d, struct symbol_variables *out, struct symbol_variables *frames,
                          struct error *err);

/* Whether there is a function with a name, in words, that fits; also one that is inlined wherever it is called, which the module has not.  False
 * and *err when memory is short. */
bool dwarf_info_names_function(struct dwarf_info *d, bool (*fits)(void *self, const char *name), void *self,
                               bool *found, struct error *err);

/* What the function of a body is called, as the name section would have it; NULL where none is known. */
const char *dwarf_info_function(const struct dwarf_info *d, size_t body);

/* A phrase about what was found broken until now, or NULL. */
const char *dwarf_info_fault(const struct dwarf_info *d);

/* A sentence without its full stop about parts that lie in other files and were not found there, or variables that have no fixed place, or NULL. */
const char *dwarf_info_lack(const struct dwarf_info *d);

/* A sentence without its full stop about what did not fit the code until now and was left out, or NULL.  It lives until
 * the next call. */
const char *dwarf_info_misfit(struct dwarf_info *d);

#endif
