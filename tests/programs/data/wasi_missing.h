/* What POSIX programs name and Debian 12's wasi-libc lacks; none of it is reached by what the tests run. */
#ifndef WASI_MISSING_H
#define WASI_MISSING_H

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <time.h>
#include <unistd.h>

#define F_RDLCK 0
#define F_WRLCK 1
#define F_UNLCK 2
#define F_GETLK 5
#define F_SETLK 6
#define F_SETLKW 7

static inline uid_t wasi_no_uid(void)
{
    return 0;
}

static inline mode_t wasi_umask(mode_t mask)
{
    return mask;
}

static inline int wasi_fchmod(int fd, mode_t mode)
{
    return (void)fd, (void)mode, 0;
}

static inline int wasi_fchown(int fd, uid_t uid, gid_t gid)
{
    return (void)fd, (void)uid, (void)gid, 0;
}

#define geteuid wasi_no_uid
#define getuid wasi_no_uid
#define umask wasi_umask
#define fchmod wasi_fchmod
#define fchown wasi_fchown
#define tmpfile() ((FILE *)NULL)
#define tmpnam(name) ((void)(name), (char *)NULL)
#define L_tmpnam 20
#define system(command) ((void)(command), -1)

#endif
