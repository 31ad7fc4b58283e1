#include "cli/selection.h"

#include "cli/words.h"
#include "report/pattern.h"

#include <stdlib.h>
#include <string.h>

static bool read_kind(struct report_selection *s, const char *word, struct error *err)
{
    static const char *const kinds[] = {[DEFECT_DEAD_STORE] = "dead_store",
                                        [DEFECT_SILENT_LOAD_AFTER_LOAD] = "silent_load_after_load",
                                        [DEFECT_SILENT_LOAD_AFTER_STORE] = "silent_load_after_store",
                                        [DEFECT_SILENT_STORE] = "silent_store",
                                        NULL};
    int kind = 0;
    if (!words_choose("only", word, kinds, &kind, err))
        return false;
    s->only = true;
    s->kind = (uint8_t)kind;
    return true;
}

static bool read_number(struct report_selection *s, const char *option, const char *word, struct error *err)
{
    char *end;
    if (strcmp(option, "top") == 0) {
        s->top = strtoull(word, &end, 10);
        return (*word >= '1' && *word <= '9' && !*end) ||
               error_set(err, ERROR_USAGE, "--top: '%.200s' is no number of pairs", word);
    }
    s->min_share = strtod(word, &end) / 100;
    return (end != word && !*end && s->min_share >= 0 && s->min_share <= 1) ||
           error_set(err, ERROR_USAGE, "--min-share: '%.200s' is no percentage", word);
}

/* Older versions took regular expressions, which as patterns would fit nothing, in silence. */
static bool check_pattern(const char *option, const char *word, struct error *err)
{
    const char *sign = pattern_is_regex(word);
    if (!sign)
        return true;
    return error_set(
        err, ERROR_USAGE,
        "--%s: '%.200s' is a regular expression (%s), but names fit patterns: * is any letters, ? one; the "
        "option may be repeated",
        option, word, sign);
}

bool selection_read(struct report_selection *s, const char *option, const char *word, struct error *err)
{
    static const char *const sorts[] = {"effect", "bytes", "instances", "share", NULL};
    static const char *const groups[] = {"pair", "line", "function", "object", NULL};
    int choice = 0;
    if (strcmp(option, "sort") == 0) {
        bool ok = words_choose(option, word, sorts, &choice, err);
        s->sort = ok ? (enum select_sort)(SELECT_EFFECT + choice) : s->sort;
        return ok;
    }
    if (strcmp(option, "by") == 0) {
        bool ok = words_choose(option, word, groups, &choice, err);
        s->by = ok ? (enum select_by)(SELECT_BY_PAIR + choice) : s->by;
        return ok;
    }
    if (strcmp(option, "housekeeping") == 0) {
        static const char *const ways[] = {"fold", "show", NULL};
        bool ok = words_choose(option, word, ways, &choice, err);
        s->show_housekeeping = choice == 1;
        return ok;
    }
    if (strcmp(option, "only") == 0)
        return read_kind(s, word, err);
    if (strcmp(option, "focus") == 0) {
        s->focus[s->focus_count++] = word;
        return check_pattern(option, word, err);
    }
    if (strcmp(option, "ignore") == 0) {
        s->ignore[s->ignore_count++] = word;
        return check_pattern(option, word, err);
    }
    return read_number(s, option, word, err);
}
