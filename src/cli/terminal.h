/* terminal.h: whether output goes to a person's terminal, may be coloured, and how wide it is. */
#ifndef MT_CLI_TERMINAL_H
#define MT_CLI_TERMINAL_H

#include <stdbool.h>
#include <stdio.h>

enum colour_choice { COLOUR_AUTO, COLOUR_ALWAYS, COLOUR_NEVER };

/* By itself, colour is for terminals that are not dumb, unless NO_COLOR is set to something. */
bool terminal_colour(enum colour_choice choice, FILE *stream);

/* Whether it is a terminal with a cursor that can be moved. */
bool terminal_moves(int fd);

/* Its size, if it is a terminal that knows it. */
bool terminal_size(int fd, unsigned *rows, unsigned *columns);

/* The columns that a report on the stream should keep to: what COLUMNS says of the terminal, else what it says itself.  0: it is no
 * terminal, or nobody knows. */
unsigned terminal_columns(FILE *stream);

#endif
