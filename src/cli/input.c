#include "cli/input.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* PATH with its folder's links followed, for a file that need not exist; to be freed.  NULL when there is no such
 * folder. */
static char *full_path(const char *path)
{
    const char *slash = strrchr(path, '/');
    const char *name = slash ? slash + 1 : path;
    char *folder = slash ? strndup(path, (size_t)(slash - path) + 1) : strdup(".");
    char *real = folder ? realpath(folder, NULL) : NULL;
    char *full = NULL;
    if (real && asprintf(&full, "%s/%s", real, name) < 0)
        full = NULL;
    free(real);
    free(folder);
    return full;
}

bool input_is_same_file(const char *a, const char *b)
{
    struct stat sa, sb;
    bool has_a = stat(a, &sa) == 0, has_b = stat(b, &sb) == 0;
    if (has_a != has_b)
        return false;
    if (has_a) /* a device or a pipe may well serve twice */
        return S_ISREG(sa.st_mode) && sa.st_dev == sb.st_dev && sa.st_ino == sb.st_ino;
    char *full_a = full_path(a), *full_b = full_path(b);
    bool same = full_a && full_b && strcmp(full_a, full_b) == 0;
    free(full_a);
    free(full_b);
    return same;
}
