/* outfile.h: a file that is written whole or not at all.
 *
 * The bytes go to a temporary file beside the target, which takes the target's place at outfile_commit.  What is no
 * regular file (a device, a pipe), and the file that standard output or standard error lead to already, cannot be
 * replaced like that and is written straight.
 *
 *     struct outfile file;
 *     if (!outfile_open(&file, path, err)) return false;
 *     … write to outfile_stream(&file) …
 *     return outfile_commit(&file, err);        or: outfile_abandon(&file);
 *
 * A zeroed struct outfile is a closed one: abandoning it does nothing. */
#ifndef MT_BASE_OUTFILE_H
#define MT_BASE_OUTFILE_H

#include "base/error.h"

#include <stdio.h>

struct outfile {
    FILE *stream; /* NULL: closed */
    char *path;   /* as given; what messages name */
    char *target; /* the file to replace, symbolic links followed; NULL when written straight */
    char *temp;   /* the temporary file; NULL when written straight */
};

/* Fails (ERROR_IO, `cannot write 'PATH': REASON`) when the path cannot be written; nothing has then been touched. */
bool outfile_open(struct outfile *f, const char *path, struct error *err);

static inline FILE *outfile_stream(struct outfile *f)
{
    return f->stream;
}

/* Closes the file and puts it into its place.  On failure, also of any earlier write, the temporary file is gone and
 * the target is as it was. */
bool outfile_commit(struct outfile *f, struct error *err);

/* Closes the file and removes what was written.  Straight writes stay. */
void outfile_abandon(struct outfile *f);

/* Sets the error `cannot write 'PATH': REASON`, or `cannot write standard output: REASON` where path is NULL. */
bool outfile_error(const char *path, int number, struct error *err);

#endif
