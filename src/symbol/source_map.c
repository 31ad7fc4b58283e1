#include "symbol/source_map.h"

#include "base/order.h"
#include "base/vec.h"
#include "symbol/debug_url.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NO_INDEX = -1, DEPTH_MAX = 8 };

struct mapping {
    const char *name; /* NULL: none */
    uint32_t at;      /* file_off */
    uint32_t line, column;
    int32_t source; /* NO_INDEX: none */
};

struct source {
    char *file;       /* with its root; NULL: none is told */
    const char *text; /* NULL: the map does not have it */
};

struct source_map {
    json_t *json;           /* owns names and texts */
    struct source *sources; /* of all sections */
    size_t source_count, source_capacity;
    struct mapping *mappings; /* sorted by `at` */
    size_t count, capacity;
};

/* The parts of a map that is no index, and what its indices and columns count from. */
struct part {
    const json_t *sources, *contents, *names;
    const char *mappings;
    size_t first_source;
    int64_t start;
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
static bool read_segment(const char **at, const struct part *p, struct fields *f, struct mapping *m)
{
    int64_t numbers[5];
    size_t count = 0;
    for (; **at && **at != ',' && **at != ';'; count++)
        if (count == 5 || !read_vlq(at, &numbers[count]))
            return false;
    if (count != 1 && count != 4 && count != 5)
        return false;
    f->at += numbers[0];
    *m = (struct mapping){.source = NO_INDEX};
    if (!(f->at >= 0 && f->at + p->start <= UINT32_MAX))
        return false;
    m->at = (uint32_t)(f->at + p->start);
    if (count == 1)
        return true;
    f->source += numbers[1];
    f->line += numbers[2];
    f->column += numbers[3];
    if (!fits(f->source) || !fits(f->line) || !fits(f->column))
        return false;
    if ((size_t)f->source < json_array_size(p->sources))
        m->source = (int32_t)((size_t)f->source + p->first_source);
    m->line = (uint32_t)f->line + 1;
    m->column = (uint32_t)f->column + 1;
    if (count == 5) {
        f->name += numbers[4];
        if (!fits(f->name))
            return false;
        m->name = json_string_value(json_array_get(p->names, (size_t)f->name));
    }
    return true;
}

/* Only the first line is of use: a module has no other. */
static bool read_mappings(struct source_map *m, const struct part *p, const char **fault)
{
    struct fields f = {0};
    for (const char *text = p->mappings; *text && *text != ';';) {
        if (*text == ',') {
            text++;
            continue;
        }
        *fault = "memory is short";
        if (!vec_room((void **)&m->mappings, &m->capacity, m->count, sizeof *m->mappings))
            return false;
        *fault = "its mappings are malformed";
        if (!read_segment(&text, p, &f, &m->mappings[m->count]))
            return false;
        m->count++;
    }
    return true;
}

/* The name of a source behind its root, or the path that it is the file: URL of.  NULL when memory is short. */
static char *source_name(const char *root, const char *name)
{
    char *joined = NULL, *path;
    const char *slash = *root && root[strlen(root) - 1] != '/' ? "/" : "";
    if (asprintf(&joined, "%s%s%s", root, slash, name) < 0)
        return NULL;
    if (!debug_url_local_path(joined, &path)) {
        free(joined);
        return NULL;
    }
    if (!path)
        return joined;
    free(joined);
    return path;
}

static bool read_sources(struct source_map *m, const struct part *p, const char *root, const char **fault)
{
    *fault = "memory is short";
    for (size_t i = 0; i < json_array_size(p->sources); i++) {
        const char *name = json_string_value(json_array_get(p->sources, i));
        if (!vec_room((void **)&m->sources, &m->source_capacity, m->source_count, sizeof *m->sources))
            return false;
        struct source *s = &m->sources[m->source_count++];
        *s = (struct source){.text = json_string_value(json_array_get(p->contents, i))};
        if (name && !(s->file = source_name(root ? root : "", name)))
            return false;
    }
    return m->source_count < INT32_MAX;
}

static bool read_map(struct source_map *m, const json_t *json, int64_t start, unsigned depth, const char **fault);

/* ECMA-426, 10.2 "Index source map": each section has a map of its own, which counts from where the section starts. */
static bool read_sections(struct source_map *m, const json_t *sections, int64_t start, unsigned depth,
                          const char **fault)
{
    const char *left_out = NULL;
    for (size_t i = 0; i < json_array_size(sections); i++) {
        const json_t *section = json_array_get(sections, i), *offset = json_object_get(section, "offset");
        const json_t *line = json_object_get(offset, "line"), *column = json_object_get(offset, "column");
        const json_t *map = json_object_get(section, "map");
        *fault = "a section lacks its offset";
        if (!json_is_integer(line) || !json_is_integer(column) || !fits(json_integer_value(line)) ||
            !fits(json_integer_value(column)))
            return false;
        if (!map && json_object_get(section, "url"))
            left_out = "the map of a section lies elsewhere, and is not looked for";
        else if (!map)
            left_out = "a section lacks its map";
        else if (json_integer_value(line) == 0 &&
                 !read_map(m, map, start + json_integer_value(column), depth + 1, fault))
            return false;
    }
    *fault = left_out;
    return true;
}

/* Where it succeeds, *fault says what was left out, or is NULL. */
static bool read_map(struct source_map *m, const json_t *json, int64_t start, unsigned depth, const char **fault)
{
    const json_t *sections = json_object_get(json, "sections");
    *fault = "its sections are nested too deep";
    if (depth == DEPTH_MAX)
        return false;
    if (json_is_array(sections))
        return read_sections(m, sections, start, depth, fault);
    struct part p = {json_object_get(json, "sources"),
                     json_object_get(json, "sourcesContent"),
                     json_object_get(json, "names"),
                     json_string_value(json_object_get(json, "mappings")),
                     m->source_count,
                     start};
    *fault = "it lacks sources or mappings";
    if (!json_is_array(p.sources) || !p.mappings ||
        !read_sources(m, &p, json_string_value(json_object_get(json, "sourceRoot")), fault) ||
        !read_mappings(m, &p, fault))
        return false;
    *fault = NULL;
    return true;
}

static int compare_mappings(const void *left, const void *right)
{
    const struct mapping *a = left, *b = right;
    return a->at < b->at ? -1 : a->at > b->at;
}

/* In order already, as a rule. */
static void sort_mappings(struct source_map *m)
{
    size_t i = 1;
    while (i < m->count && m->mappings[i - 1].at <= m->mappings[i].at)
        i++;
    if (i < m->count)
        qsort(m->mappings, m->count, sizeof *m->mappings, compare_mappings);
}

/* What may stand in front of the JSON: a byte order mark, and the line that keeps browsers from running a map as a script
 * (ECMA-426, "Source map fetching"). */
static const char *skip_front(const char *bytes, const char *end)
{
    if (end - bytes >= 3 && memcmp(bytes, "\xef\xbb\xbf", 3) == 0)
        bytes += 3;
    if (end - bytes >= 4 && memcmp(bytes, ")]}'", 4) == 0)
        while (bytes < end && *bytes != '\n' && *bytes != '\r')
            bytes++;
    return bytes;
}

bool source_map_possible(const char *bytes, size_t size)
{
    const char *end = bytes + size, *at = size ? skip_front(bytes, end) : end;
    while (at < end && (unsigned char)*at <= ' ')
        at++;
    return at < end && *at == '{';
}

struct source_map *source_map_read(const char *bytes, size_t size, const char **fault)
{
    struct source_map *m = calloc(1, sizeof *m);
    *fault = "memory is short";
    if (!m)
        return NULL;
    *fault = "it is no JSON";
    const char *start = size ? skip_front(bytes, bytes + size) : bytes;
    m->json = json_loadb(start, size - (size_t)(start - bytes), JSON_ALLOW_NUL, NULL);
    if (m->json && read_map(m, m->json, 0, 0, fault)) {
        sort_mappings(m);
        return m;
    }
    source_map_free(m);
    return NULL;
}

void source_map_free(struct source_map *m)
{
    if (!m)
        return;
    for (size_t i = 0; i < m->source_count; i++)
        free(m->sources[i].file);
    free(m->sources);
    free(m->mappings);
    json_decref(m->json);
    free(m);
}

static uint64_t place_of(const void *mapping)
{
    return ((const struct mapping *)mapping)->at;
}

/* How many mappings there are at `at` or before it. */
static size_t count_until(const struct source_map *m, uint32_t at)
{
    return order_until(m->mappings, m->count, sizeof *m->mappings, at, place_of);
}

/* NULL where it has none. */
static const char *file_of(const struct source_map *m, const struct mapping *mapping)
{
    return mapping->source >= 0 ? m->sources[mapping->source].file : NULL;
}

const char *source_map_first(const struct source_map *m, uint32_t from, uint32_t end)
{
    for (size_t i = from ? count_until(m, from - 1) : 0; i < m->count && m->mappings[i].at < end; i++)
        if (file_of(m, &m->mappings[i]))
            return file_of(m, &m->mappings[i]);
    return NULL;
}

bool source_map_find(const struct source_map *m, uint32_t from, uint32_t at, struct source_position *position)
{
    size_t until = count_until(m, at);
    const struct mapping *found = until ? &m->mappings[until - 1] : NULL;
    if (!found || found->at < from || !file_of(m, found))
        return false;
    const struct source *s = &m->sources[found->source];
    *position = (struct source_position){
        .file = s->file, .name = found->name, .text = s->text, .line = found->line, .column = found->column};
    return true;
}
