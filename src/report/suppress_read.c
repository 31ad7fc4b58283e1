/* The text form of suppressions. */
#include "base/vec.h"
#include "report/suppress.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static const char *const keys[SUPPRESS_KEYS] = {
    [SUPPRESS_KIND] = "kind",
    [SUPPRESS_CLASS] = "class",
    [SUPPRESS_FUNCTION] = "function",
    [SUPPRESS_FIRST_FUNCTION] = "first.function",
    [SUPPRESS_SECOND_FUNCTION] = "second.function",
    [SUPPRESS_OWN] = "own",
    [SUPPRESS_FIRST_OWN] = "first.own",
    [SUPPRESS_SECOND_OWN] = "second.own",
    [SUPPRESS_LINE] = "line",
    [SUPPRESS_FIRST_LINE] = "first.line",
    [SUPPRESS_SECOND_LINE] = "second.line",
};

struct reader {
    struct suppressions *s;
    unsigned line;
    struct error *err;
};

static bool fail(struct reader *r, const char *what, const char *word)
{
    return error_set(r->err, ERROR_IO, "%.1000s:%u: %s%.200s%s", r->s->path, r->line, what, word ? word : "",
                     word ? "'" : "");
}

/* Whether what stands behind so many bytes is meant as it is. */
static bool is_quoted(const char *text, size_t size)
{
    size_t backslashes = 0;
    while (backslashes < size && text[size - 1 - backslashes] == '\\')
        backslashes++;
    return backslashes % 2;
}

/* Without blanks at both ends, but for one behind a backslash. */
static char *trim(char *text)
{
    while (isspace((unsigned char)*text))
        text++;
    size_t size = strlen(text);
    while (size && isspace((unsigned char)text[size - 1]) && !is_quoted(text, size - 1))
        text[--size] = '\0';
    return text;
}

/* An entry that has no condition would hide everything. */
static bool check_last(struct reader *r)
{
    if (!r->s->count)
        return true;
    const struct suppression *s = &r->s->entries[r->s->count - 1];
    for (unsigned key = 0; key < SUPPRESS_KEYS; key++)
        if (s->patterns[key])
            return true;
    r->line = s->line;
    return fail(r, "there is no condition in the entry '", s->name);
}

static bool start_entry(struct reader *r, char *text)
{
    struct suppressions *s = r->s;
    size_t size = strlen(text);
    if (!check_last(r))
        return false;
    if (size < 2 || text[size - 1] != ']')
        return fail(r, "a name ends with ']', not: '", text);
    text[size - 1] = '\0';
    const char *name = trim(text + 1);
    if (!*name)
        return fail(r, "the entry has no name", NULL);
    if (!vec_room((void **)&s->entries, &s->capacity, s->count, sizeof *s->entries))
        return error_no_memory(r->err);
    s->entries[s->count++] = (struct suppression){.name = name, .line = r->line};
    return true;
}

/* FILE, FILE:LINE or FILE:LINE-LINE. */
static bool read_lines(struct reader *r, struct suppression *s, unsigned key, char *value)
{
    s->patterns[key] = value;
    char *colon = strrchr(value, ':'), *end;
    if (!colon || !isdigit((unsigned char)colon[1]))
        return true;
    unsigned long first = strtoul(colon + 1, &end, 10), last = first;
    if (*end == '-' && isdigit((unsigned char)end[1]))
        last = strtoul(end + 1, &end, 10);
    if (*end || !first || last < first || last > UINT32_MAX)
        return fail(r, "no line or range of lines: '", colon + 1);
    *colon = '\0';
    s->lines[key][0] = (uint32_t)first;
    s->lines[key][1] = (uint32_t)last;
    return true;
}

/* Whether a word that is one of a few is meant by the pattern; a slip would hide nothing, in silence. */
static bool is_known(unsigned key, const char *pattern)
{
    bool known = false;
    for (unsigned i = 0; key == SUPPRESS_KIND && i < DEFECT_KINDS; i++)
        known = known || pattern_fits(pattern, report_kind_name(i));
    for (unsigned i = 0; key == SUPPRESS_CLASS && i < PAIR_CLASSES; i++)
        known = known || pattern_fits(pattern, report_class_name((enum pair_class)i));
    return known || key > SUPPRESS_CLASS;
}

static bool take_condition(struct reader *r, char *text)
{
    char *equals = strchr(text, '=');
    if (!equals)
        return fail(r, "neither [NAME] nor KEY = PATTERN: '", text);
    *equals = '\0';
    const char *word = trim(text);
    char *value = trim(equals + 1);
    unsigned key = 0;
    while (key < SUPPRESS_KEYS && strcmp(keys[key], word) != 0)
        key++;
    if (key == SUPPRESS_KEYS)
        return fail(r,
                    "there are kind, class, function, own, line, and first. or second. before the last three, but no '",
                    word);
    if (!r->s->count)
        return fail(r, "a [NAME] has to stand before '", word);
    struct suppression *s = &r->s->entries[r->s->count - 1];
    if (s->patterns[key])
        return fail(r, "the entry has another '", word);
    if (!*value)
        return fail(r, "there is no pattern behind '", word);
    if (!is_known(key, value))
        return fail(r, key == SUPPRESS_KIND ? "no kind is called '" : "no class is called '", value);
    if (key >= SUPPRESS_LINE)
        return read_lines(r, s, key, value);
    s->patterns[key] = value;
    return true;
}

bool suppressions_read(struct suppressions *s, const char *path, char *text, struct error *err)
{
    *s = (struct suppressions){.path = path, .text = text};
    struct reader r = {.s = s, .err = err};
    for (char *next = text; next;) {
        char *end = strchr(next, '\n'), *line = next;
        next = end ? end + 1 : NULL;
        if (end)
            *end = '\0';
        r.line++;
        line = trim(line);
        if (!*line || *line == '#')
            continue;
        if (*line == '[' ? !start_entry(&r, line) : !take_condition(&r, line))
            return false;
    }
    return check_last(&r);
}

void suppressions_release(struct suppressions *s)
{
    free(s->entries);
    free(s->text);
    *s = (struct suppressions){0};
}
