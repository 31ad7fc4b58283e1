/* path.h: names of files as debug information has them, which may come from Windows: absolute by a drive's letter or a server
 * (`\\server\share`), with both kinds of slashes between folders, and without a difference between capital and small letters. */
#ifndef MT_BASE_PATH_H
#define MT_BASE_PATH_H

#include <stdbool.h>
#include <stddef.h>

/* Whether the name is a form that only Windows has: one with a drive or a backslash. */
bool path_is_windows(const char *path);

bool path_is_absolute(const char *path);

/* Behind the last folder. */
const char *path_base(const char *path);

/* Whether two bytes of names are the same. */
bool path_same(char a, char b, bool windows);

/* Whether the path is the prefix, or lies in it; an empty prefix has all. */
bool path_is_in(const char *path, const char *prefix);

#endif
