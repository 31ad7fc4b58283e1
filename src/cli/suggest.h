/* suggest.h: what a word that nobody knows may have been meant to be. */
#ifndef MT_CLI_SUGGEST_H
#define MT_CLI_SUGGEST_H

#include <stddef.h>

/* Letters to be put in, left out, changed or swapped with their neighbours to make b of a; of words beyond 40 letters, 40 or
 * more. */
size_t suggest_distance(const char *a, const char *b);

/* Whether a word is near enough to a known one that it may be a slip of the keyboard. */
int suggest_is_near(const char *word, const char *known, size_t distance);

#endif
