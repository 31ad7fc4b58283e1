/* lines.h: from an instruction to source lines, whatever debug information there is: DWARF in the module, in a file that
 * it or the user names, or a source map. */
#ifndef MT_SYMBOL_LINES_H
#define MT_SYMBOL_LINES_H

#include "symbol/dwarf.h"
#include "symbol/source_text.h"

/* Strings and arrays are the caller's, and must live as long as the lines. */
struct symbol_options {
    const char *module_path; /* files that the module names lie beside it; NULL: they are not looked for */
    const char *debug_file;  /* a module with DWARF or names, or a source map; NULL: what the module has or names */
    const struct source_move *moves;
    size_t move_count;
};

struct symbol_lines;

/* False and *err when memory is short, or when options->debug_file is not what it should be.  Anything wrong with what
 * the module itself has or names is a warning.  Only files are read here; DWARF is when a line is asked for.
 * *out is to be closed in any case; the module must live as long. */
bool symbol_lines_open(struct symbol_lines **out, const struct wasm_module *module,
                       const struct symbol_options *options, struct error *err);
void symbol_lines_close(struct symbol_lines *l);

/* The frames of the instruction at file_off in a function: see dwarf_info_frames. */
bool symbol_lines_find(struct symbol_lines *l, uint32_t func, uint32_t file_off, struct symbol_frame *frames,
                       size_t *count, const char **why, struct error *err);

/* The text of a frame's line behind `indent` bytes of indentation, where its file is at hand, else NULL. */
const char *symbol_lines_text(struct symbol_lines *l, const struct symbol_frame *frame, size_t *size, uint32_t *indent);

/* A line of a file whose name a frame had, with its indentation; NULL where it is not at hand. */
const char *symbol_lines_around(struct symbol_lines *l, const char *file, uint32_t line, size_t *size);

/* Adds the variables with a fixed address that DWARF tells of (variables.h).  False and *err when memory is short. */
bool symbol_lines_variables(struct symbol_lines *l, struct symbol_variables *out, struct symbol_variables *frames,
                            struct error *err);

/* Whether DWARF tells of a function with a name, in words, that fits, even if all calls of it are inlined.  False and *err when memory is
 * short. */
bool symbol_lines_names_function(struct symbol_lines *l, bool (*fits)(void *self, const char *name), void *self,
                                 bool *found, struct error *err);

/* What DWARF calls the function of a body, as the name section would: mangled, where it is; or NULL.  It lives as long as the lines.  False and
 * *err when memory is short. */
bool symbol_lines_function(struct symbol_lines *l, size_t body, const char **name, struct error *err);

/* The debug file, where it is a module of the same code: its name section may say more than the module's own; else NULL. */
const struct wasm_module *symbol_lines_named(const struct symbol_lines *l);

/* `dwarf`, `source map`, or NULL where there is nothing. */
const char *symbol_lines_source(const struct symbol_lines *l);

/* One sentence without its full stop about what is missing or broken, or NULL.  May hold any bytes. */
const char *symbol_lines_warning(struct symbol_lines *l);

/* Memory was short: there are more texts than those functions gave. */
bool symbol_lines_failed(const struct symbol_lines *l);

#endif
