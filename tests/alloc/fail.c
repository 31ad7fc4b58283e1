#include "fail.h"

#include <errno.h>
#include <execinfo.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

static _Atomic uint64_t count;
static uint64_t fail_number; /* these are set while there is one thread */
static bool fail_later;
static FILE *log_stream;
static void *place[FAIL_FRAMES];
static _Atomic int place_size;

void fail_start(uint64_t number, bool later)
{
    fail_number = number;
    fail_later = later;
    count = 0;
}

uint64_t fail_stop(void)
{
    fail_number = 0;
    return count;
}

void fail_log(FILE *to)
{
    log_stream = to;
}

int fail_place(void *frames[FAIL_FRAMES])
{
    memcpy(frames, place, sizeof place);
    return place_size;
}

/* The frames of backtrace itself and of this file are not told. */
enum { OWN_FRAMES = 4 };

/* By the innermost frames; the same in each process, wherever the program is loaded. */
static uint64_t hash_of(void *const *frames, int n)
{
    uint64_t hash = UINT64_C(0xcbf29ce484222325);
    for (int i = 0; i < n; i++)
        hash = (hash ^ ((uintptr_t)frames[i] - (uintptr_t)fail_start)) * UINT64_C(0x100000001b3);
    return hash;
}

__attribute__((noinline)) static void log_place(void)
{
    enum { NEAR = 3 };
    void *frames[OWN_FRAMES + FAIL_FRAMES];
    int n = backtrace(frames, OWN_FRAMES + FAIL_FRAMES) - OWN_FRAMES;
    fprintf(log_stream, "%016" PRIx64 " %016" PRIx64 "\n", hash_of(frames + OWN_FRAMES, n < NEAR ? n : NEAR),
            hash_of(frames + OWN_FRAMES, n));
}

__attribute__((noinline)) static void keep_place(void)
{
    void *frames[OWN_FRAMES + FAIL_FRAMES];
    int n = backtrace(frames, OWN_FRAMES + FAIL_FRAMES);
    if (place_size || n <= OWN_FRAMES)
        return;
    memcpy(place, frames + OWN_FRAMES, (size_t)(n - OWN_FRAMES) * sizeof *place);
    place_size = n - OWN_FRAMES;
}

/* Whether this allocation is to fail. */
__attribute__((noinline)) static bool fails(void)
{
    uint64_t number = ++count;
    if (log_stream)
        log_place();
    if (!fail_number || (fail_later ? number < fail_number : number != fail_number))
        return false;
    keep_place();
    errno = ENOMEM;
    return true;
}

/* What the project's libraries call in the place of the C library's. */
void *fail_malloc(size_t size);
void *fail_calloc(size_t number, size_t size);
void *fail_realloc(void *old, size_t size);
void *fail_reallocarray(void *old, size_t number, size_t size);
char *fail_strdup(const char *text);
char *fail_strndup(const char *text, size_t size);
int fail_asprintf(char **text, const char *format, ...) __attribute__((format(printf, 2, 3)));
FILE *fail_open_memstream(char **text, size_t *size);
FILE *fail_fopen(const char *path, const char *mode);
FILE *fail_fdopen(int fd, const char *mode);
char *fail_realpath(const char *path, char *resolved);
void *fail_mmap(void *at, size_t size, int protection, int flags, int fd, off_t offset);
void *fail_mremap(void *old, size_t old_size, size_t size, int flags, ...);
int fail_pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*start)(void *), void *argument);

void *fail_malloc(size_t size)
{
    return fails() ? NULL : malloc(size);
}

void *fail_calloc(size_t number, size_t size)
{
    return fails() ? NULL : calloc(number, size);
}

void *fail_realloc(void *old, size_t size)
{
    return fails() ? NULL : realloc(old, size);
}

void *fail_reallocarray(void *old, size_t number, size_t size)
{
    return fails() ? NULL : reallocarray(old, number, size);
}

char *fail_strdup(const char *text)
{
    return fails() ? NULL : strdup(text);
}

char *fail_strndup(const char *text, size_t size)
{
    return fails() ? NULL : strndup(text, size);
}

int fail_asprintf(char **text, const char *format, ...)
{
    if (fails()) {
        *text = (char *)(uintptr_t)16; /* it is not said what stands there then */
        return -1;
    }
    va_list args;
    va_start(args, format);
    int n = vasprintf(text, format, args);
    va_end(args);
    return n;
}

FILE *fail_open_memstream(char **text, size_t *size)
{
    return fails() ? NULL : open_memstream(text, size);
}

FILE *fail_fopen(const char *path, const char *mode)
{
    return fails() ? NULL : fopen(path, mode);
}

FILE *fail_fdopen(int fd, const char *mode)
{
    return fails() ? NULL : fdopen(fd, mode);
}

char *fail_realpath(const char *path, char *resolved)
{
    return fails() ? NULL : realpath(path, resolved);
}

void *fail_mmap(void *at, size_t size, int protection, int flags, int fd, off_t offset)
{
    return fails() ? MAP_FAILED : mmap(at, size, protection, flags, fd, offset);
}

void *fail_mremap(void *old, size_t old_size, size_t size, int flags, ...)
{
    return fails() ? MAP_FAILED : mremap(old, old_size, size, flags);
}

int fail_pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*start)(void *), void *argument)
{
    return fails() ? EAGAIN : pthread_create(thread, attributes, start, argument);
}
