#include "cli/input.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool read_all(int fd, const char *path, struct buf *bytes, struct error *err)
{
    struct stat st;
    if (fstat(fd, &st) == 0 && S_ISDIR(st.st_mode))
        return error_set(err, ERROR_IO, "cannot read '%s': it is a directory", path);
    enum { CHUNK = 1 << 20 };
    for (;;) {
        if (!buf_reserve(bytes, CHUNK))
            return error_set(err, ERROR_LIMIT, "'%s' is too large", path);
        ssize_t n = read(fd, bytes->data + bytes->size, CHUNK);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return error_set(err, ERROR_IO, "cannot read '%s': %s", path, strerror(errno));
        if (n == 0)
            return true;
        bytes->size += (size_t)n;
    }
}

bool input_read(const char *path, struct buf *bytes, struct error *err)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return error_set(err, ERROR_IO, "cannot read '%s': %s", path, strerror(errno));
    bool ok = read_all(fd, path, bytes, err);
    close(fd);
    return ok;
}

bool input_is_same_file(const char *a, const char *b)
{
    struct stat sa, sb;
    return stat(a, &sa) == 0 && stat(b, &sb) == 0 && sa.st_dev == sb.st_dev && sa.st_ino == sb.st_ino;
}
