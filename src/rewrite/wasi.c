#include "rewrite/wasi.h"

#include <string.h>

#define PATH(pointer, length) {WASI_PATH, pointer, length, 0, 0}
#define TABLE(pointer, length, count) {WASI_TABLE, pointer, length, count, 0}
#define GATHERED(table, length, count) {WASI_GATHERED, table, length, count, 0}
#define SCATTERED(table, length, count) {WASI_SCATTERED, table, length, count, 0}
#define RESULT(pointer, size) {WASI_FIXED, pointer, 0, 0, size}
#define SHAPED(shape, pointer) {shape, pointer, 0, 0, 0}
#define SIZED(shape, pointer, length) {shape, pointer, length, 0, 0}
#define COUNTED(shape, pointer, count) {shape, pointer, 0, count, 0}

#define FUNC(name, params, failure, count, ...)                                                                        \
    {                                                                                                                  \
        name, params, true, WASI_NOTHING, failure, 0, count,                                                           \
        {                                                                                                              \
            __VA_ARGS__                                                                                                \
        }                                                                                                              \
    }
#define NOTED(name, params, note, count, ...)                                                                          \
    {                                                                                                                  \
        name, params, true, note, WASI_READS, 0, count,                                                                \
        {                                                                                                              \
            __VA_ARGS__                                                                                                \
        }                                                                                                              \
    }
#define BARE(name, params) FUNC(name, params, WASI_READS, 0, {0})

static const struct wasi_func funcs[] = {
    FUNC("args_get", "ii", WASI_READS, 2, SHAPED(WASI_ARG_PTRS, 0), SHAPED(WASI_ARG_BYTES, 1)),
    NOTED("args_sizes_get", "ii", WASI_NOTE_ARGS, 2, RESULT(0, 4), RESULT(1, 4)),
    FUNC("clock_res_get", "ii", WASI_READS, 1, RESULT(1, 8)),
    FUNC("clock_time_get", "ili", WASI_READS, 1, RESULT(2, 8)),
    FUNC("environ_get", "ii", WASI_READS, 2, SHAPED(WASI_ENV_PTRS, 0), SHAPED(WASI_ENV_BYTES, 1)),
    NOTED("environ_sizes_get", "ii", WASI_NOTE_ENVIRON, 2, RESULT(0, 4), RESULT(1, 4)),
    BARE("fd_advise", "illi"),
    BARE("fd_allocate", "ill"),
    BARE("fd_close", "i"),
    BARE("fd_datasync", "i"),
    FUNC("fd_fdstat_get", "ii", WASI_READS, 1, SHAPED(WASI_FDSTAT, 1)),
    BARE("fd_fdstat_set_flags", "ii"),
    BARE("fd_fdstat_set_rights", "ill"),
    FUNC("fd_filestat_get", "ii", WASI_READS, 1, SHAPED(WASI_FILESTAT, 1)),
    BARE("fd_filestat_set_size", "il"),
    BARE("fd_filestat_set_times", "illi"),
    FUNC("fd_pread", "iiili", WASI_READS, 3, TABLE(1, 2, 4), SCATTERED(1, 2, 4), RESULT(4, 4)),
    FUNC("fd_prestat_dir_name", "iii", WASI_READS, 1, SIZED(WASI_NAME, 1, 2)),
    NOTED("fd_prestat_get", "ii", WASI_NOTE_PRESTAT, 1, SHAPED(WASI_PRESTAT, 1)),
    FUNC("fd_pwrite", "iiili", WASI_READS, 3, TABLE(1, 2, 4), GATHERED(1, 2, 4), RESULT(4, 4)),
    FUNC("fd_read", "iiii", WASI_READS, 3, TABLE(1, 2, 3), SCATTERED(1, 2, 3), RESULT(3, 4)),
    FUNC("fd_readdir", "iiili", WASI_READS, 2, COUNTED(WASI_COUNTED, 1, 4), RESULT(4, 4)),
    NOTED("fd_renumber", "ii", WASI_NOTE_RENUMBER, 0, {0}),
    FUNC("fd_seek", "ilii", WASI_READS, 1, RESULT(3, 8)),
    BARE("fd_sync", "i"),
    FUNC("fd_tell", "ii", WASI_READS, 1, RESULT(1, 8)),
    FUNC("fd_write", "iiii", WASI_READS, 3, TABLE(1, 2, 3), GATHERED(1, 2, 3), RESULT(3, 4)),
    FUNC("path_create_directory", "iii", WASI_ASKS_DESCRIPTOR, 1, PATH(1, 2)),
    FUNC("path_filestat_get", "iiiii", WASI_ASKS_DESCRIPTOR, 2, PATH(2, 3), SHAPED(WASI_FILESTAT, 4)),
    {"path_filestat_set_times", "iiiilli", true, WASI_NOTHING, WASI_ASKS_TIMES, 6, 1, {PATH(2, 3)}},
    FUNC("path_link", "iiiiiii", WASI_ASKS_DESCRIPTOR, 2, PATH(2, 3), PATH(5, 6)),
    FUNC("path_open", "iiiiillii", WASI_READS, 2, PATH(2, 3), RESULT(8, 4)),
    FUNC("path_readlink", "iiiiii", WASI_ASKS_DESCRIPTOR, 3, PATH(1, 2), COUNTED(WASI_COUNTED, 3, 5), RESULT(5, 4)),
    FUNC("path_remove_directory", "iii", WASI_ASKS_DESCRIPTOR, 1, PATH(1, 2)),
    FUNC("path_rename", "iiiiii", WASI_ASKS_DESCRIPTOR, 2, PATH(1, 2), PATH(4, 5)),
    FUNC("path_symlink", "iiiii", WASI_ASKS_DESCRIPTOR, 2, PATH(0, 1), PATH(3, 4)),
    FUNC("path_unlink_file", "iii", WASI_ASKS_DESCRIPTOR, 1, PATH(1, 2)),
    FUNC("poll_oneoff", "iiii", WASI_READS, 3, SIZED(WASI_SUBSCRIPTIONS, 0, 2), COUNTED(WASI_EVENTS, 1, 3),
         RESULT(3, 4)),
    {"proc_exit", "i", false, WASI_NOTHING, WASI_READS, 0, 0, {{0}}},
    BARE("proc_raise", "i"),
    FUNC("random_get", "ii", WASI_READS, 1, SIZED(WASI_SIZED, 0, 1)),
    BARE("sched_yield", ""),
    FUNC("sock_accept", "iii", WASI_READS, 1, RESULT(2, 4)),
    FUNC("sock_recv", "iiiiii", WASI_READS_NOTHING, 4, TABLE(1, 2, 4), SCATTERED(1, 2, 4), RESULT(4, 4), RESULT(5, 2)),
    FUNC("sock_send", "iiiii", WASI_READS_NOTHING, 3, TABLE(1, 2, 4), GATHERED(1, 2, 4), RESULT(4, 4)),
    BARE("sock_shutdown", "ii"),
};

/* What the snapshot before has instead. */
static const struct wasi_func first_funcs[] = {
    FUNC("fd_filestat_get", "ii", WASI_READS, 1, SHAPED(WASI_FIRST_FILESTAT, 1)),
    FUNC("path_filestat_get", "iiiii", WASI_ASKS_DESCRIPTOR, 2, PATH(2, 3), SHAPED(WASI_FIRST_FILESTAT, 4)),
    FUNC("poll_oneoff", "iiii", WASI_READS, 3, SIZED(WASI_FIRST_SUBSCRIPTIONS, 0, 2), COUNTED(WASI_EVENTS, 1, 3),
         RESULT(3, 4)),
};

enum { FUNCS = sizeof funcs / sizeof *funcs, FIRST_FUNCS = sizeof first_funcs / sizeof *first_funcs };

static const struct wasi_func *find(const struct wasi_func *in, size_t count, const char *name, uint32_t size)
{
    for (size_t i = 0; i < count; i++)
        if (strlen(in[i].name) == size && memcmp(in[i].name, name, size) == 0)
            return &in[i];
    return NULL;
}

const struct wasi_func *wasi_find(bool first, const char *name, uint32_t size)
{
    const struct wasi_func *func = first ? find(first_funcs, FIRST_FUNCS, name, size) : NULL;
    if (func)
        return func;
    func = find(funcs, FUNCS, name, size);
    return func && first && strcmp(func->name, "sock_accept") == 0 ? NULL : func;
}

size_t wasi_parts(enum wasi_shape shape, const struct wasi_part **parts)
{
    static const struct wasi_part fdstat[] = {{0, 1}, {2, 2}, {8, 16}}, filestat[] = {{0, 17}, {24, 40}},
                                  first_filestat[] = {{0, 17}, {20, 36}}, prestat[] = {{0, 1}, {4, 4}};
    switch (shape) {
    case WASI_FDSTAT:
        *parts = fdstat;
        return 3;
    case WASI_FILESTAT:
        *parts = filestat;
        return 2;
    case WASI_FIRST_FILESTAT:
        *parts = first_filestat;
        return 2;
    case WASI_PRESTAT:
        *parts = prestat;
        return 2;
    default:
        return 0;
    }
}
