#include "base/path.h"

#include <ctype.h>
#include <string.h>

static bool is_slash(char c)
{
    return c == '/' || c == '\\';
}

static bool has_drive(const char *path)
{
    return isalpha((unsigned char)path[0]) && path[1] == ':' && is_slash(path[2]);
}

bool path_is_windows(const char *path)
{
    return has_drive(path) || strchr(path, '\\');
}

bool path_is_absolute(const char *path)
{
    return path[0] == '/' || has_drive(path) || (path[0] == '\\' && path[1] == '\\');
}

const char *path_base(const char *path)
{
    const char *base = path;
    for (; *path; path++)
        if (is_slash(*path))
            base = path + 1;
    return base;
}

bool path_same(char a, char b, bool windows)
{
    return a == b ||
           (windows && ((is_slash(a) && is_slash(b)) || tolower((unsigned char)a) == tolower((unsigned char)b)));
}

bool path_is_in(const char *path, const char *prefix)
{
    bool windows = path_is_windows(path);
    size_t n = 0;
    while (prefix[n] && path[n] && path_same(prefix[n], path[n], windows))
        n++;
    return !prefix[n] &&
           (n == 0 || !path[n] || is_slash(prefix[n - 1]) || path[n] == '/' || (windows && path[n] == '\\'));
}
