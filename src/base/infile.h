/* infile.h: reads whole files. */
#ifndef MT_BASE_INFILE_H
#define MT_BASE_INFILE_H

#include "base/buf.h"
#include "base/error.h"

/* Appends a whole regular file or pipe; a directory, a missing or an unreadable file is an error. */
bool infile_read(const char *path, struct buf *bytes, struct error *err);

/* The same for a path that a module names: only a regular file is read, so that nothing can make us wait. */
bool infile_read_regular(const char *path, struct buf *bytes, struct error *err);

#endif
