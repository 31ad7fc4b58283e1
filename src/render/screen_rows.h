/* screen_rows.h: the first screen's ranking: by function, or by what --by asks for. */
#ifndef MT_RENDER_SCREEN_ROWS_H
#define MT_RENDER_SCREEN_ROWS_H

#include "render/output.h"
#include "report/report.h"

struct screen_row {
    char *name; /* owned */
    double effect;
    uint64_t bytes;          /* of pairs of all kinds */
    struct report_best best; /* its pair may be NULL */
    bool has_place;          /* the name says where it is, or that does not matter */
    bool is_object;
};

struct screen_rows {
    struct screen_row *rows; /* owned */
    size_t count;
    uint64_t all; /* there are so many */
};

/* The first `most`.  False when memory is short. */
bool screen_rows_open(struct screen_rows *s, const struct report *r, uint64_t most);
void screen_rows_close(struct screen_rows *s);

/* Lines that a row takes besides its own when it is opened. */
size_t screen_row_lines(const struct output *out, const struct screen_row *row);

/* The first `opened` with their source and advice. */
void screen_rows_put(struct output *out, const struct report *r, const struct screen_rows *s, size_t opened);

/* Prints a function and its place in so many columns; how many it took.  `frame` may be NULL. */
size_t put_where(struct output *out, const char *function, const struct report_frame *frame, size_t room);

#endif
