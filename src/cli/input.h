/* input.h: which paths are one file. */
#ifndef MT_CLI_INPUT_H
#define MT_CLI_INPUT_H

#include <stdbool.h>

/* Whether both paths lead to the same regular file, or would once it is made. */
bool input_is_same_file(const char *a, const char *b);

#endif
