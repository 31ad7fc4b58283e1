/* paths.h: calling contexts in words: the functions of a path, outermost first, each with the place of the call in it:
 * `main (a.c:40) > copy (a.c:12) > memcpy`, or, without source lines, `main@4F > copy@A0 > memcpy`. */
#ifndef MT_RENDER_PATHS_H
#define MT_RENDER_PATHS_H

#include "render/output.h"
#include "report/report.h"

/* Columns that a text takes; a character from U+1100 on may be two columns wide, and is taken to be. */
size_t text_columns(const char *text);

/* Bytes of a text's beginning, no more than `limit` of them, that are whole characters; for printf's precision. */
int whole_characters(const char *text, size_t limit);

/* The context of this id, outer frames left out beyond so many frames or columns (SIZE_MAX: no limit).  0 is `host`. */
void put_path(struct output *out, const struct report *r, uint32_t id, size_t frames, size_t columns);

/* The same without the function itself: who called it.  Nothing where that is not known. */
void put_call_path(struct output *out, const struct report *r, uint32_t id, size_t frames);

#endif
