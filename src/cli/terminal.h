/* terminal.h: whether output goes to a person's terminal, and may be coloured. */
#ifndef MT_CLI_TERMINAL_H
#define MT_CLI_TERMINAL_H

#include <stdbool.h>
#include <stdio.h>

enum colour_choice { COLOUR_AUTO, COLOUR_ALWAYS, COLOUR_NEVER };

/* By itself, colour is for terminals that are not dumb, unless NO_COLOR is set to something. */
bool terminal_colour(enum colour_choice choice, FILE *stream);

#endif
