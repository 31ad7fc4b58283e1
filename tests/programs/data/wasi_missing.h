/* What POSIX programs name and Debian 12's wasi-libc lacks; none of it is reached by what the tests run. */
#ifndef WASI_MISSING_H
#define WASI_MISSING_H

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <time.h>
#include <unistd.h>

static inline uid_t wasi_no_uid(void)
{
    return 0;
}

#define geteuid wasi_no_uid
#define getuid wasi_no_uid
#define umask(mask) ((void)(mask), (mode_t)0)
#define fchmod(fd, mode) ((void)(fd), (void)(mode), 0)
#define fchown(fd, uid, gid) ((void)(fd), 0)
#define tmpfile() ((FILE *)NULL)
#define tmpnam(name) ((void)(name), (char *)NULL)
#define L_tmpnam 20
#define system(command) ((void)(command), -1)

#endif
