/* What the program sees of the world by WASI: streams, arguments, environment, directories.
 *
 * The engine's interface takes nothing but UTF-8, while names and values of the system are any bytes.  What the user did not write for the
 * program (the module's name, inherited variables) is made UTF-8; what they did write is passed as it is, or not at all. */
#include "base/clean.h"
#include "engine/run.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { STRINGS_MAX = 1 << 30 };

/* Strings one behind the other, each with its end. */
static void put_string(struct buf *b, const char *text, size_t size, bool any_bytes)
{
    if (any_bytes)
        clean_put_utf8(b, text, size);
    else
        buf_put(b, text, size);
    buf_put_u8(b, 0);
}

/* Where they begin; NULL when memory is short. */
static const char **list(const struct buf *b, size_t count)
{
    const char **out = b->failed ? NULL : calloc(count + 1, sizeof *out);
    if (!out)
        return NULL;
    const char *at = (const char *)b->data;
    for (size_t i = 0; i < count; i++, at += strlen(at) + 1)
        out[i] = at;
    return out;
}

static bool set_args(struct run *run, wasi_config_t *wasi)
{
    const struct engine_options *o = run->options;
    struct buf strings;
    buf_init(&strings, STRINGS_MAX);
    for (size_t i = 0; i < o->arg_count; i++)
        put_string(&strings, o->args[i], strlen(o->args[i]), i == 0);
    const char **args = list(&strings, o->arg_count);
    bool ok = args ? wasi_config_set_argv(wasi, o->arg_count, args) ||
                         error_set(&run->err, ERROR_USAGE, "an argument is not UTF-8")
                   : error_no_memory(&run->err);
    run->arg_bytes = (uint32_t)strings.size;
    free(args);
    buf_release(&strings);
    return ok;
}

struct variables {
    struct buf names, values;
    size_t count;
};

static void put_variable(struct variables *v, const char *name, size_t size, const char *value, bool any_bytes)
{
    put_string(&v->names, name, size, any_bytes);
    put_string(&v->values, value, strlen(value), any_bytes);
    v->count++;
}

static bool is_set(const struct engine_options *o, const char *name, size_t size)
{
    for (size_t i = 0; i < o->env_count; i++)
        if (strlen(o->env[i].first) == size && memcmp(o->env[i].first, name, size) == 0)
            return true;
    return false;
}

/* All but those that the user sets: a program takes the first of a name. */
static void inherit(struct variables *v, const struct engine_options *o)
{
    for (char **at = environ; at && *at; at++) {
        const char *end = **at ? strchr(*at + 1, '=') : NULL; /* some systems have names that begin with one */
        if (end && !is_set(o, *at, (size_t)(end - *at)))
            put_variable(v, *at, (size_t)(end - *at), end + 1, true);
    }
}

static bool set_env(struct run *run, wasi_config_t *wasi)
{
    const struct engine_options *o = run->options;
    struct variables v = {0};
    buf_init(&v.names, STRINGS_MAX);
    buf_init(&v.values, STRINGS_MAX);
    if (o->inherit_env)
        inherit(&v, o);
    for (size_t i = 0; i < o->env_count; i++)
        put_variable(&v, o->env[i].first, strlen(o->env[i].first), o->env[i].second, false);
    const char **names = list(&v.names, v.count), **values = list(&v.values, v.count);
    bool ok = names && values ? wasi_config_set_env(wasi, v.count, names, values) ||
                                    error_set(&run->err, ERROR_USAGE, "--env: not UTF-8")
                              : error_no_memory(&run->err);
    run->env_count = (uint32_t)v.count;
    run->env_bytes = (uint32_t)(v.names.size + v.values.size);
    free(names);
    free(values);
    buf_release(&v.names);
    buf_release(&v.values);
    return ok;
}

/* A directory whose name is not UTF-8 has another name while it is open. */
static bool set_dir(wasi_config_t *wasi, const struct engine_pair *dir)
{
    if (clean_is_utf8(dir->first, strlen(dir->first)))
        return wasi_config_preopen_dir(wasi, dir->first, dir->second, true);
    char name[sizeof "/proc/self/fd/" + 3 * sizeof(int)];
    int fd = open(dir->first, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return false;
    snprintf(name, sizeof name, "/proc/self/fd/%d", fd);
    bool ok = wasi_config_preopen_dir(wasi, name, dir->second, true);
    close(fd);
    return ok;
}

static bool set_dirs(struct run *run, wasi_config_t *wasi)
{
    for (size_t i = 0; i < run->options->dir_count; i++) {
        const struct engine_pair *dir = &run->options->dirs[i];
        if (!clean_is_utf8(dir->second, strlen(dir->second)))
            return error_set(
                &run->err, ERROR_USAGE,
                "--dir: the program's name for the directory is not UTF-8: '%s' (HOST::GUEST gives another)",
                dir->second);
        if (!set_dir(wasi, dir))
            return error_set(&run->err, ERROR_IO, "cannot open the directory '%s'", dir->first);
    }
    return true;
}

bool run_surroundings(struct run *run)
{
    wasi_config_t *wasi = wasi_config_new();
    if (!wasi)
        return error_no_memory(&run->err);
    wasi_config_inherit_stdin(wasi);
    wasi_config_inherit_stdout(wasi);
    wasi_config_inherit_stderr(wasi);
    if (!set_args(run, wasi) || !set_env(run, wasi) || !set_dirs(run, wasi)) {
        wasi_config_delete(wasi);
        return false;
    }
    wasmtime_error_t *error = wasmtime_context_set_wasi(run->context, wasi);
    return !error || run_engine_error(run, "WASI", error, NULL);
}
