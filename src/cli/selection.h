/* selection.h: the options that choose and rank pairs. */
#ifndef MT_CLI_SELECTION_H
#define MT_CLI_SELECTION_H

#include "report/select.h"

/* s->focus and s->ignore have room for all words.  The option's name without its dashes, such as `sort`.  False and *err (ERROR_USAGE) when its word does not fit. */
bool selection_read(struct report_selection *s, const char *option, const char *word, struct error *err);

#endif
