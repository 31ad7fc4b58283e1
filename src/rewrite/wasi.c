#include "rewrite/wasi.h"

#include <stddef.h>
#include <string.h>

/* Reads of inputs happen whether or not the call succeeds; payload and results only when it does. */
#define INPUT(pointer, length, scale) {0, 1, WASI_SCALED, pointer, length, 0, scale}
#define PATH(pointer, length) INPUT(pointer, length, 1)
#define IOVEC_TABLE(pointer, length) INPUT(pointer, length, 8)
#define PAYLOAD_READ(table, length, count) {0, 0, WASI_IOVECS, table, length, count, 1}
#define PAYLOAD_WRITTEN(table, length, count) {1, 0, WASI_IOVECS, table, length, count, 1}
#define RESULT(pointer, bytes) {1, 0, WASI_FIXED, pointer, 0, 0, bytes}
#define RESULT_COUNTED(pointer, count, scale) {1, 0, WASI_COUNTED, pointer, 0, count, scale}
#define RESULT_SIZED(pointer, length) {1, 0, WASI_SCALED, pointer, length, 0, 1}
#define RESULT_SHAPED(shape, pointer, length) {1, 0, shape, pointer, length, 0, 1}

static const struct wasi_func funcs[] = {
    {"args_get", "ii", true, 0, 2, {RESULT_SHAPED(WASI_ARG_PTRS, 0, 0), RESULT_SHAPED(WASI_ARG_BYTES, 1, 0)}},
    {"args_sizes_get", "ii", true, WASI_NOTE_ARGS, 2, {RESULT(0, 4), RESULT(1, 4)}},
    {"clock_res_get", "ii", true, 0, 1, {RESULT(1, 8)}},
    {"clock_time_get", "ili", true, 0, 1, {RESULT(2, 8)}},
    {"environ_get", "ii", true, 0, 2, {RESULT_SHAPED(WASI_ENV_PTRS, 0, 0), RESULT_SHAPED(WASI_ENV_BYTES, 1, 0)}},
    {"environ_sizes_get", "ii", true, WASI_NOTE_ENVIRON, 2, {RESULT(0, 4), RESULT(1, 4)}},
    {"fd_advise", "illi", true, 0, 0, {{0}}},
    {"fd_allocate", "ill", true, 0, 0, {{0}}},
    {"fd_close", "i", true, 0, 0, {{0}}},
    {"fd_datasync", "i", true, 0, 0, {{0}}},
    {"fd_fdstat_get", "ii", true, 0, 1, {RESULT(1, 24)}},
    {"fd_fdstat_set_flags", "ii", true, 0, 0, {{0}}},
    {"fd_fdstat_set_rights", "ill", true, 0, 0, {{0}}},
    {"fd_filestat_get", "ii", true, 0, 1, {RESULT(1, 64)}},
    {"fd_filestat_set_size", "il", true, 0, 0, {{0}}},
    {"fd_filestat_set_times", "illi", true, 0, 0, {{0}}},
    {"fd_pread", "iiili", true, 0, 3, {IOVEC_TABLE(1, 2), PAYLOAD_WRITTEN(1, 2, 4), RESULT(4, 4)}},
    {"fd_prestat_dir_name", "iii", true, 0, 1, {RESULT_SHAPED(WASI_PRESTAT, 1, 2)}},
    {"fd_prestat_get", "ii", true, WASI_NOTE_PRESTAT, 1, {RESULT(1, 8)}},
    {"fd_pwrite", "iiili", true, 0, 3, {IOVEC_TABLE(1, 2), PAYLOAD_READ(1, 2, 4), RESULT(4, 4)}},
    {"fd_read", "iiii", true, 0, 3, {IOVEC_TABLE(1, 2), PAYLOAD_WRITTEN(1, 2, 3), RESULT(3, 4)}},
    {"fd_readdir", "iiili", true, 0, 2, {RESULT_COUNTED(1, 4, 1), RESULT(4, 4)}},
    {"fd_renumber", "ii", true, 0, 0, {{0}}},
    {"fd_seek", "ilii", true, 0, 1, {RESULT(3, 8)}},
    {"fd_sync", "i", true, 0, 0, {{0}}},
    {"fd_tell", "ii", true, 0, 1, {RESULT(1, 8)}},
    {"fd_write", "iiii", true, 0, 3, {IOVEC_TABLE(1, 2), PAYLOAD_READ(1, 2, 3), RESULT(3, 4)}},
    {"path_create_directory", "iii", true, 0, 1, {PATH(1, 2)}},
    {"path_filestat_get", "iiiii", true, 0, 2, {PATH(2, 3), RESULT(4, 64)}},
    {"path_filestat_set_times", "iiiilli", true, 0, 1, {PATH(2, 3)}},
    {"path_link", "iiiiiii", true, 0, 2, {PATH(2, 3), PATH(5, 6)}},
    {"path_open", "iiiiillii", true, 0, 2, {PATH(2, 3), RESULT(8, 4)}},
    {"path_readlink", "iiiiii", true, 0, 3, {PATH(1, 2), RESULT_COUNTED(3, 5, 1), RESULT(5, 4)}},
    {"path_remove_directory", "iii", true, 0, 1, {PATH(1, 2)}},
    {"path_rename", "iiiiii", true, 0, 2, {PATH(1, 2), PATH(4, 5)}},
    {"path_symlink", "iiiii", true, 0, 2, {PATH(0, 1), PATH(3, 4)}},
    {"path_unlink_file", "iii", true, 0, 1, {PATH(1, 2)}},
    {"poll_oneoff", "iiii", true, 0, 3, {INPUT(0, 2, 48), RESULT_COUNTED(1, 3, 32), RESULT(3, 4)}},
    {"proc_exit", "i", false, 0, 0, {{0}}},
    {"proc_raise", "i", true, 0, 0, {{0}}},
    {"random_get", "ii", true, 0, 1, {RESULT_SIZED(0, 1)}},
    {"sched_yield", "", true, 0, 0, {{0}}},
    {"sock_accept", "iii", true, 0, 1, {RESULT(2, 4)}},
    {"sock_recv", "iiiiii", true, 0, 4, {IOVEC_TABLE(1, 2), PAYLOAD_WRITTEN(1, 2, 4), RESULT(4, 4), RESULT(5, 2)}},
    {"sock_send", "iiiii", true, 0, 3, {IOVEC_TABLE(1, 2), PAYLOAD_READ(1, 2, 4), RESULT(4, 4)}},
    {"sock_shutdown", "ii", true, 0, 0, {{0}}},
};

const struct wasi_func *wasi_find(const char *name, uint32_t size)
{
    for (size_t i = 0; i < sizeof funcs / sizeof *funcs; i++)
        if (strlen(funcs[i].name) == size && memcmp(funcs[i].name, name, size) == 0)
            return &funcs[i];
    return NULL;
}
