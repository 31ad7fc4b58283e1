#include "base/outfile.h"

#include "base/clean.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

bool outfile_error(const char *path, int number, struct error *err)
{
    char reason[128];
    const char *text = strerror_r(number, reason, sizeof reason);
    if (!path)
        return error_set(err, ERROR_IO, "cannot write standard output: %s", text);
    char room[CLEAN_NAME_LIMIT];
    struct buf shown; /* a path may hold any bytes, and a message has one line of limited length */
    buf_init_over(&shown, room, sizeof room);
    clean_put(&shown, path, strlen(path), CLEAN_NAME_LIMIT);
    return error_set(err, ERROR_IO, "cannot write '%.*s': %s", (int)shown.size, room, text);
}

static void release(struct outfile *f)
{
    free(f->path);
    free(f->target);
    free(f->temp);
    *f = (struct outfile){0};
}

/* Closes everything after a failure; the reason is a number of errno.h. */
static bool fail(struct outfile *f, const char *path, int number, struct error *err)
{
    outfile_error(path, number, err);
    outfile_abandon(f);
    return false;
}

/* The descriptor among standard output and error that leads to this very file, or -1.  Replacing or truncating the file
 * would lose what went there before. */
static int standard_stream(const struct stat *st)
{
    for (int fd = STDOUT_FILENO; fd <= STDERR_FILENO; fd++) {
        struct stat other;
        int flags = fcntl(fd, F_GETFL);
        if (flags < 0 || (flags & O_ACCMODE) == O_RDONLY || fstat(fd, &other) != 0)
            continue;
        if (other.st_dev == st->st_dev && other.st_ino == st->st_ino)
            return fd;
    }
    return -1;
}

/* Descriptors that were opened for us: their files are somebody else's to truncate. */
static bool names_descriptor(const char *path)
{
    return strncmp(path, "/dev/fd/", 8) == 0 || strncmp(path, "/proc/", 6) == 0;
}

static int open_straight(const char *path, int standard)
{
    if (standard < 0)
        return open(path, O_WRONLY | O_APPEND | O_NOCTTY | O_CLOEXEC);
    fflush(standard == STDOUT_FILENO ? stdout : stderr);
    return fcntl(standard, F_DUPFD_CLOEXEC, 3);
}

/* Makes a new file beside the target, so that a rename stays on one file system.  By open and not by mkostemp: the
 * umask then applies, which a process with threads cannot ask for. */
static int open_temp(struct outfile *f)
{
    const char *slash = strrchr(f->target, '/');
    size_t dir = slash ? (size_t)(slash - f->target) + 1 : 0;
    size_t room = dir + 40;
    f->temp = malloc(room);
    if (!f->temp)
        return -1;
    for (int tries = 0; tries < 100; tries++) {
        uint64_t random;
        if (getrandom(&random, sizeof random, 0) != (ssize_t)sizeof random)
            random = (uint64_t)getpid() << 32 | (unsigned)tries;
        snprintf(f->temp, room, "%.*s.mem-tracer-%016llx", (int)dir, f->target, (unsigned long long)random);
        int fd = open(f->temp, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666);
        if (fd >= 0 || errno != EEXIST)
            return fd;
    }
    return -1;
}

/* Decides where the bytes go, and opens it; -1 and errno on failure. */
static int open_for(struct outfile *f, const char *path)
{
    struct stat st;
    if (stat(path, &st) != 0) {
        if (errno != ENOENT)
            return -1;
        size_t size = strlen(path);
        if (size > 0 && path[size - 1] == '/') {
            errno = EISDIR;
            return -1;
        }
        f->target = size > 0 ? strdup(path) : NULL;
        return f->target ? open_temp(f) : -1;
    }
    if (S_ISDIR(st.st_mode)) {
        errno = EISDIR;
        return -1;
    }
    int standard = standard_stream(&st);
    if (standard >= 0 || !S_ISREG(st.st_mode) || names_descriptor(path))
        return open_straight(path, standard);
    if (euidaccess(path, W_OK) != 0) /* a rename would not ask */
        return -1;
    f->target = realpath(path, NULL);
    int fd = f->target ? open_temp(f) : -1;
    if (fd >= 0)
        fchmod(fd, st.st_mode & 0777); /* as it was; where that is refused, the umask's */
    return fd;
}

bool outfile_open(struct outfile *f, const char *path, struct error *err)
{
    *f = (struct outfile){.path = strdup(path)};
    if (!f->path)
        return error_no_memory(err);
    int fd = open_for(f, path);
    if (fd < 0) {
        int number = errno;
        free(f->temp); /* it was not made */
        f->temp = NULL;
        return fail(f, path, number, err);
    }
    f->stream = fdopen(fd, "w");
    if (!f->stream) {
        int number = errno;
        close(fd);
        return fail(f, path, number, err);
    }
    return true;
}

bool outfile_commit(struct outfile *f, struct error *err)
{
    errno = 0;
    if (fflush(f->stream) != 0 || ferror(f->stream)) /* an earlier failure's number may be lost by now */
        return fail(f, f->path, errno ? errno : EIO, err);
    if (f->temp && fsync(fileno(f->stream)) != 0 && errno != EINVAL && errno != EROFS)
        return fail(f, f->path, errno, err);
    FILE *stream = f->stream;
    f->stream = NULL;
    if (fclose(stream) != 0 || (f->temp && rename(f->temp, f->target) != 0))
        return fail(f, f->path, errno, err);
    release(f);
    return true;
}

void outfile_abandon(struct outfile *f)
{
    if (f->stream)
        fclose(f->stream);
    if (f->temp)
        unlink(f->temp);
    release(f);
}
