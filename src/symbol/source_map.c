#include "symbol/source_map.h"

#include "base/vec.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

enum { NO_INDEX = -1 };

struct mapping {
    uint32_t at; /* file_off */
    uint32_t line, column;
    int32_t source, name; /* NO_INDEX: none */
};

struct source_map {
    json_t *json; /* owns the strings */
    const json_t *sources, *contents, *names;
    char **files; /* sources with their root, by index; NULL: not a string */
    size_t file_count;
    struct mapping *mappings; /* sorted by `at` */
    size_t count, capacity;
};

/* A base-64 digit's value, or -1. */
static int digit_of(char c)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const char *at = c ? strchr(digits, c) : NULL;
    return at ? (int)(at - digits) : -1;
}

/* A signed number in base-64 digits of 5 bits, the lowest first, whose lowest bit is the sign. */
static bool read_vlq(const char **at, int64_t *value)
{
    uint64_t bits = 0;
    for (unsigned shift = 0; shift < 35; shift += 5) {
        int digit = digit_of(**at);
        if (digit < 0)
            return false;
        (*at)++;
        bits |= (uint64_t)(digit & 31) << shift;
        if (!(digit & 32)) {
            *value = bits & 1 ? -(int64_t)(bits >> 1) : (int64_t)(bits >> 1);
            return true;
        }
    }
    return false;
}

/* The fields of a segment are differences to those of the one before. */
struct fields {
    int64_t at, source, line, column, name;
};

static bool fits(int64_t value)
{
    return value >= 0 && value < INT32_MAX;
}

/* One segment: 1, 4 or 5 numbers. */
static bool read_segment(const char **at, struct fields *f, struct mapping *m)
{
    int64_t numbers[5];
    size_t count = 0;
    for (; **at && **at != ',' && **at != ';'; count++)
        if (count == 5 || !read_vlq(at, &numbers[count]))
            return false;
    if (count != 1 && count != 4 && count != 5)
        return false;
    f->at += numbers[0];
    *m = (struct mapping){.source = NO_INDEX, .name = NO_INDEX};
    if (!(f->at >= 0 && f->at <= UINT32_MAX))
        return false;
    m->at = (uint32_t)f->at;
    if (count == 1)
        return true;
    f->source += numbers[1];
    f->line += numbers[2];
    f->column += numbers[3];
    if (!fits(f->source) || !fits(f->line) || !fits(f->column))
        return false;
    m->source = (int32_t)f->source;
    m->line = (uint32_t)f->line + 1;
    m->column = (uint32_t)f->column + 1;
    if (count == 5) {
        f->name += numbers[4];
        if (!fits(f->name))
            return false;
        m->name = (int32_t)f->name;
    }
    return true;
}

static int compare_mappings(const void *left, const void *right)
{
    const struct mapping *a = left, *b = right;
    return a->at < b->at ? -1 : a->at > b->at;
}

/* Only the first line is of use: a module has no other. */
static bool read_mappings(struct source_map *m, const char *text, const char **fault)
{
    struct fields f = {0};
    while (*text && *text != ';') {
        if (*text == ',') {
            text++;
            continue;
        }
        *fault = "memory is short";
        if (!vec_room((void **)&m->mappings, &m->capacity, m->count, sizeof *m->mappings))
            return false;
        *fault = "its mappings are malformed";
        if (!read_segment(&text, &f, &m->mappings[m->count]))
            return false;
        m->count++;
    }
    if (m->count)
        qsort(m->mappings, m->count, sizeof *m->mappings, compare_mappings);
    return true;
}

static bool read_files(struct source_map *m, const char **fault)
{
    const char *root = json_string_value(json_object_get(m->json, "sourceRoot"));
    const char *slash = root && *root && root[strlen(root) - 1] != '/' ? "/" : "";
    *fault = "memory is short";
    m->file_count = json_array_size(m->sources);
    m->files = calloc(m->file_count + 1, sizeof *m->files);
    if (!m->files)
        return false;
    for (size_t i = 0; i < m->file_count; i++) {
        const char *file = json_string_value(json_array_get(m->sources, i));
        if (!file)
            continue;
        size_t size = strlen(file) + (root ? strlen(root) : 0) + 2;
        m->files[i] = malloc(size);
        if (!m->files[i])
            return false;
        m->files[i][0] = '\0';
        if (root)
            strcat(strcpy(m->files[i], root), slash);
        strcat(m->files[i], file);
    }
    return true;
}

struct source_map *source_map_read(const char *bytes, size_t size, const char **fault)
{
    struct source_map *m = calloc(1, sizeof *m);
    *fault = "memory is short";
    if (!m)
        return NULL;
    *fault = "it is no JSON";
    m->json = json_loadb(bytes, size, 0, NULL);
    m->sources = json_object_get(m->json, "sources");
    m->contents = json_object_get(m->json, "sourcesContent");
    m->names = json_object_get(m->json, "names");
    const char *mappings = json_string_value(json_object_get(m->json, "mappings"));
    if (m->json)
        *fault = json_object_get(m->json, "sections") ? "maps made of sections are not read"
                                                      : "it lacks sources or mappings";
    if (m->json && json_is_array(m->sources) && mappings && read_files(m, fault) && read_mappings(m, mappings, fault))
        return m;
    source_map_free(m);
    return NULL;
}

void source_map_free(struct source_map *m)
{
    if (!m)
        return;
    for (size_t i = 0; m->files && i < m->file_count; i++)
        free(m->files[i]);
    free(m->files);
    free(m->mappings);
    json_decref(m->json);
    free(m);
}

bool source_map_find(const struct source_map *m, uint32_t from, uint32_t at, struct source_position *position)
{
    size_t low = 0, high = m->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (m->mappings[middle].at <= at)
            low = middle + 1;
        else
            high = middle;
    }
    const struct mapping *found = low ? &m->mappings[low - 1] : NULL;
    if (!found || found->at < from || found->source < 0 || (size_t)found->source >= m->file_count ||
        !m->files[found->source])
        return false;
    *position = (struct source_position){.file = m->files[found->source], .line = found->line, .column = found->column};
    if (found->name >= 0)
        position->name = json_string_value(json_array_get(m->names, (size_t)found->name));
    position->text = json_string_value(json_array_get(m->contents, (size_t)found->source));
    return true;
}
