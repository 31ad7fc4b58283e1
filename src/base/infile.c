#include "base/infile.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool read_all(int fd, const char *path, struct buf *bytes, struct error *err)
{
    enum { CHUNK = 1 << 16 };
    for (;;) {
        if (!buf_reserve(bytes, CHUNK))
            return bytes->maximum - bytes->size < CHUNK ? error_set(err, ERROR_LIMIT, "'%s' is too large", path)
                                                        : error_no_memory(err);
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

static bool read_file(const char *path, bool only_regular, struct buf *bytes, struct error *err)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | (only_regular ? O_NONBLOCK : 0));
    if (fd < 0)
        return error_set(err, ERROR_IO, "cannot read '%s': %s", path, strerror(errno));
    struct stat st;
    bool known = fstat(fd, &st) == 0, ok;
    if (known && S_ISDIR(st.st_mode))
        ok = error_set(err, ERROR_IO, "cannot read '%s': it is a directory", path);
    else if (only_regular && !(known && S_ISREG(st.st_mode)))
        ok = error_set(err, ERROR_IO, "cannot read '%s': it is no regular file", path);
    else
        ok = read_all(fd, path, bytes, err);
    close(fd);
    return ok;
}

bool infile_read(const char *path, struct buf *bytes, struct error *err)
{
    return read_file(path, false, bytes, err);
}

bool infile_read_regular(const char *path, struct buf *bytes, struct error *err)
{
    return read_file(path, true, bytes, err);
}
