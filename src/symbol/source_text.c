#include "symbol/source_text.h"

#include "base/buf.h"
#include "base/infile.h"
#include "base/path.h"
#include "base/vec.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SOURCE_MAX = 1 << 26 };

struct file {
    char *name;      /* as the debug information has it */
    struct buf text; /* empty where there is none */
    size_t *lines;   /* where each starts; NULL until it is asked for one */
    size_t line_count, line_capacity;
};

struct source_text {
    const char *base;
    const struct source_move *moves;
    size_t move_count;
    struct file *files; /* sorted by name */
    size_t count, capacity;
    bool failed; /* memory was short for one */
};

struct source_text *source_text_new(const char *base, const struct source_move *moves, size_t move_count)
{
    struct source_text *t = calloc(1, sizeof *t);
    if (t)
        *t = (struct source_text){.base = base, .moves = moves, .move_count = move_count};
    return t;
}

static void release_file(struct file *f)
{
    free(f->name);
    free(f->lines);
    buf_release(&f->text);
}

void source_text_free(struct source_text *t)
{
    if (!t)
        return;
    for (size_t i = 0; i < t->count; i++)
        release_file(&t->files[i]);
    free(t->files);
    free(t);
}

/* A path in a folder of this machine, to be freed: names from Windows have the slashes of this one then. */
static char *path_in(const char *folder, const char *name)
{
    char *path = NULL;
    if (asprintf(&path, "%s/%s", folder, name) < 0)
        return NULL;
    for (char *c = path + strlen(folder); *c; c++)
        if (*c == '\\')
            *c = '/';
    return path;
}

/* Where the file lies now; to be freed. */
static char *place_of(const struct source_text *t, const char *name)
{
    const struct source_move *best = NULL;
    for (size_t i = 0; i < t->move_count; i++)
        if (path_is_in(name, t->moves[i].prefix) && (!best || strlen(t->moves[i].prefix) > strlen(best->prefix)))
            best = &t->moves[i];
    if (best) {
        const char *rest = name + strlen(best->prefix);
        return path_in(best->folder, rest + strspn(rest, path_is_windows(name) ? "/\\" : "/"));
    }
    return path_is_absolute(name) || !t->base ? strdup(name) : path_in(t->base, name);
}

/* Index of the first file whose name is not less. */
static size_t position_of(const struct source_text *t, const char *name)
{
    size_t low = 0, high = t->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (strcmp(t->files[middle].name, name) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* Whatever else keeps us from the file, it is not at hand: no error. */
static bool read_file(struct source_text *t, struct file *f, const char *content)
{
    if (content)
        return buf_put_text(&f->text, content) || strlen(content) > SOURCE_MAX;
    struct error fault = ERROR_INIT;
    char *place = place_of(t, f->name);
    if (place && !infile_read_regular(place, &f->text, &fault))
        buf_clear(&f->text);
    free(place);
    return place && fault.code != ERROR_MEMORY;
}

/* NULL when memory is short. */
static struct file *file_of(struct source_text *t, const char *name, const char *content)
{
    size_t at = position_of(t, name);
    if (at < t->count && strcmp(t->files[at].name, name) == 0)
        return &t->files[at];
    struct file f = {.name = strdup(name)};
    buf_init(&f.text, SOURCE_MAX);
    if (!f.name || !read_file(t, &f, content) ||
        !vec_room((void **)&t->files, &t->capacity, t->count, sizeof *t->files)) {
        release_file(&f);
        t->failed = true;
        return NULL;
    }
    memmove(&t->files[at + 1], &t->files[at], (t->count - at) * sizeof *t->files);
    t->files[at] = f;
    t->count++;
    return &t->files[at];
}

static bool index_lines(struct file *f)
{
    for (size_t at = 0; at < f->text.size;) {
        if (!vec_room((void **)&f->lines, &f->line_capacity, f->line_count, sizeof *f->lines))
            return false;
        f->lines[f->line_count++] = at;
        const uint8_t *end = memchr(f->text.data + at, '\n', f->text.size - at);
        at = end ? (size_t)(end - f->text.data) + 1 : f->text.size;
    }
    return true;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == '\f';
}

static const char *find_line(struct source_text *t, const char *file, const char *content, uint32_t line,
                             const char **end)
{
    struct file *f = file_of(t, file, content);
    if (f && !f->lines && !index_lines(f))
        t->failed = true;
    if (!f || !line || !f->lines || line > f->line_count)
        return NULL;
    const char *start = (const char *)f->text.data + f->lines[line - 1];
    *end = (const char *)f->text.data + (line < f->line_count ? f->lines[line] : f->text.size);
    while (*end > start && is_blank((*end)[-1]))
        (*end)--;
    return start;
}

const char *source_text_line(struct source_text *t, const char *file, const char *content, uint32_t line, size_t *size,
                             uint32_t *indent)
{
    const char *end = NULL, *whole = find_line(t, file, content, line, &end), *start = whole;
    while (start && start < end && is_blank(*start))
        start++;
    *indent = start ? (uint32_t)(start - whole) : 0;
    *size = start ? (size_t)(end - start) : 0;
    return *size ? start : NULL;
}

const char *source_text_whole_line(struct source_text *t, const char *file, uint32_t line, size_t *size)
{
    const char *end = NULL, *start = find_line(t, file, NULL, line, &end);
    *size = start ? (size_t)(end - start) : 0;
    return start;
}

bool source_text_failed(const struct source_text *t)
{
    return t->failed;
}
