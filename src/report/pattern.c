#include "report/pattern.h"

#include "base/path.h"
#include "report/function_name.h"

#include <ctype.h>
#include <string.h>

/* How a pattern is read. */
struct reading {
    bool raw;     /* a backslash is nothing but that */
    bool windows; /* the text is a file's name on Windows */
};

/* Whether so many bytes fit. */
static bool fits_as(const char *pattern, const char *text, const char *end, struct reading how)
{
    const char *star = NULL, *retry = NULL; /* behind the last star, and where its rest was tried */
    for (;;) {
        bool any = *pattern == '?', plain = !how.raw && *pattern == '\\' && pattern[1];
        if (*pattern == '*') {
            star = ++pattern;
            retry = text;
        } else if (*pattern && text < end && (any || path_same(pattern[plain], *text, how.windows))) {
            pattern += plain ? 2 : 1;
            text++;
        } else if (text == end && !*pattern) {
            return true;
        } else if (star && retry < end) {
            pattern = star;
            text = ++retry;
        } else {
            return false;
        }
    }
}

static bool fits(const char *pattern, const char *text, const char *end)
{
    return fits_as(pattern, text, end, (struct reading){.raw = false});
}

static bool fits_file(const char *pattern, const char *file, struct reading how)
{
    const char *end = file + strlen(file);
    while (!fits_as(pattern, file, end, how)) {
        file = strpbrk(file, how.windows ? "/\\" : "/");
        if (!file++)
            return false;
    }
    return true;
}

bool pattern_fits_file(const char *pattern, const char *file)
{
    const struct reading escaped = {.windows = path_is_windows(file)}, raw = {.raw = true, .windows = true};
    return fits_file(pattern, file, escaped) || (escaped.windows && fits_file(pattern, file, raw));
}

bool pattern_fits(const char *pattern, const char *text)
{
    return fits(pattern, text, text + strlen(text));
}

static bool fits_form(const struct pattern *p, const struct function_name_form *form)
{
    if (p->is_name)
        return strlen(p->text) == form->size && memcmp(p->text, form->text, form->size) == 0;
    return fits(p->text, form->text, form->text + form->size);
}

static bool fits_forms(const struct pattern *p, const char *name)
{
    struct function_name_form forms[FUNCTION_NAME_FORMS];
    if ((p->is_name || !strpbrk(p->text, "*?\\")) && !strstr(name, p->text)) /* as all forms are parts of the name */
        return false;
    size_t count = function_name_forms(name, forms);
    for (size_t i = 0; i < count; i++)
        if (fits_form(p, &forms[i]))
            return true;
    return false;
}

bool pattern_fits_function(const struct pattern *p, const char *name)
{
    if (fits_forms(p, name))
        return true;
    if (function_name_is_plain(name))
        return false;
    struct buf plain;
    buf_init(&plain, SIZE_MAX / 2);
    bool ok = function_name_put(&plain, name) && buf_put_u8(&plain, 0) && fits_forms(p, (const char *)plain.data);
    buf_release(&plain);
    return ok;
}

bool pattern_fits_side(const struct pattern *p, const struct report_side *side)
{
    if (side->origin != ORIGIN_SITE)
        return pattern_fits(p->text, side->origin == ORIGIN_INIT ? "init" : "host");
    if (pattern_fits_function(p, *side->name ? side->name : "outside"))
        return true;
    for (uint32_t i = 0; i < side->frame_count; i++)
        if (side->frames[i].function && pattern_fits_function(p, side->frames[i].function))
            return true;
    return false;
}

struct pattern pattern_of(const struct report *r, const char *text)
{
    const struct pattern name = {text, true}, pattern = {text, false};
    if (!strpbrk(text, "*?\\"))
        return pattern;
    for (size_t i = 0; i < r->pair_count; i++)
        for (int k = 0; k < 2; k++) {
            const struct report_side *side = k ? &r->pairs[i].second : &r->pairs[i].first;
            if (side->origin == ORIGIN_SITE && pattern_fits_side(&name, side))
                return name;
        }
    return pattern;
}

static bool is_letter(char c)
{
    return isalpha((unsigned char)c) || c == '_';
}

/* `a|b`; but `operator|`, and AssemblyScript's `start:a~anonymous|0`. */
static bool has_alternatives(const char *text)
{
    const char *bar = strchr(text, '|');
    return bar && bar > text && is_letter(bar[1]) && (is_letter(bar[-1]) || strchr("*)$?", bar[-1])) &&
           !(bar - text >= 8 && memcmp(bar - 8, "operator", 8) == 0);
}

const char *pattern_is_regex(const char *text)
{
    static const char *const sure[] = {".*)", ".+", "[a-z", "[A-Z", "[0-9", "[^", "[[:", "\\b", "\\w", "\\d", "\\s"};
    size_t size = strlen(text);
    if (*text == '^')
        return "^";
    if (strncmp(text, ".*", 2) == 0)
        return ".*";
    if (size > 2 && text[size - 1] == '$' && (isalnum((unsigned char)text[size - 2]) || text[size - 2] == '*'))
        return "$";
    for (size_t i = 0; i < sizeof sure / sizeof *sure; i++)
        if (strstr(text, sure[i]))
            return sure[i];
    return has_alternatives(text) ? "|" : NULL;
}
