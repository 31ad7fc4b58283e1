/* fit.h: texts in so many columns.  Off a terminal names are whole, but for those that nobody wrote. */
#ifndef MT_RENDER_FIT_H
#define MT_RENDER_FIT_H

#include "render/output.h"
#include "report/report.h"

/* Columns of the longest line of the details, by which others are reckoned; on a terminal there may be more or fewer; and of the first
 * screen off a terminal. */
enum { SUMMARY_WIDTH = 100, SUMMARY_WIDTH_MIN = 60, SCREEN_WIDTH = 80 };

/* Columns of a line. */
size_t summary_width(const struct output *out);
size_t screen_width(const struct output *out);
/* What is left of so many columns of SUMMARY_WIDTH; off a terminal so many that no real name is cut. */
size_t summary_room(const struct output *out, size_t columns);

/* Prints a text in so many columns: of a longer one its beginning and its end.  How many columns it took. */
size_t put_within(struct output *out, const char *text, size_t room);
/* The same for columns of SUMMARY_WIDTH (summary_room of them). */
void put_cut(struct output *out, const char *text, size_t columns);
/* The same into a text of `size` bytes, which is cut to them. */
void name_within(const struct output *out, const char *text, size_t room, char *name, size_t size);

/* Prints so much of a text as there is room for, around the byte `at`.  Columns before that byte. */
size_t put_window(struct output *out, const char *text, size_t at, size_t room);

/* Bytes of the next line of a text that is wrapped at words. */
size_t wrapped_size(const char *text, size_t room);
/* Words in lines of the details' width, the first behind `first`, others behind `next`. */
void put_wrapped(struct output *out, const char *first, const char *next, const char *text);

/* FILE:LINE, or of a long path its end. */
size_t place_columns(const struct report_frame *frame);
size_t put_place_within(struct output *out, const struct report_frame *frame, size_t room);
void put_styled_place(struct output *out, const struct report_frame *frame, size_t columns); /* of SUMMARY_WIDTH */

#endif
