/* words.h: options whose argument is one of a few words. */
#ifndef MT_CLI_WORDS_H
#define MT_CLI_WORDS_H

#include "base/error.h"

#include <stdbool.h>

/* Which of the words (up to NULL) this one is.  False and *err, which lists them, where it is none. */
bool words_choose(const char *option, const char *word, const char *const *words, int *choice, struct error *err);

#endif
