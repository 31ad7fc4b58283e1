/* expression.h: which regular expressions of a user's are safe to give to the C library. */
#ifndef MT_CLI_EXPRESSION_H
#define MT_CLI_EXPRESSION_H

#include "base/error.h"

#include <stdbool.h>

/* The bytes of an expression, and the atoms that it may have, those counted n times that are repeated n times. */
enum { EXPRESSION_MAX = 4096 };

/* Whether `word` is an extended regular expression (POSIX.1-2024, section 9.4) that is compiled in reasonable time and memory: without
 * back-references, and without repetitions of what may match nothing.  Else *err is ERROR_USAGE, and names the option. */
bool expression_check(const char *option, const char *word, struct error *err);

#endif
