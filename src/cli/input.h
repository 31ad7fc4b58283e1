/* input.h: reads the input module's file. */
#ifndef MT_CLI_INPUT_H
#define MT_CLI_INPUT_H

#include "base/buf.h"
#include "base/error.h"

/* Reads a whole regular file or pipe into `bytes`; a directory, a missing or an unreadable file is an error. */
bool input_read(const char *path, struct buf *bytes, struct error *err);

/* Whether both paths lead to the same regular file, or would once it is made. */
bool input_is_same_file(const char *a, const char *b);

#endif
