/* source_text.h: lines of source files, where the files are at hand. */
#ifndef MT_SYMBOL_SOURCE_TEXT_H
#define MT_SYMBOL_SOURCE_TEXT_H

#include "base/error.h"

#include <stddef.h>

/* A tree that was moved: what starts with `prefix` lies in `folder`. */
struct source_move {
    const char *prefix, *folder;
};

struct source_text;

/* `moves` is the caller's and must live as long; of those that fit, the longest prefix counts.  Relative names that no
 * move covers count from `base`, a folder (NULL: the current one).  NULL when memory is short. */
struct source_text *source_text_new(const char *base, const struct source_move *moves, size_t move_count);
void source_text_free(struct source_text *t);

/* The line, numbered from 1, without indentation and its end; NULL where there is none.  `content` is the whole file
 * where the caller has it, NULL where it is to be looked for; *indent is how many bytes stand before it.  The text lives as long as the struct.  Files are read once;
 * what is no regular file, or larger than 64 MiB, is taken not to be there. */
const char *source_text_line(struct source_text *t, const char *file, const char *content, uint32_t line, size_t *size,
                             uint32_t *indent);

/* The same with its indentation, and where the line is blank, an empty text. */
const char *source_text_whole_line(struct source_text *t, const char *file, uint32_t line, size_t *size);

/* Memory was short: some lines were not found for that. */
bool source_text_failed(const struct source_text *t);

#endif
