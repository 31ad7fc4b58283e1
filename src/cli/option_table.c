#include "cli/option_table.h"

#include "cli/suggest.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

const struct option option_table[] = {
    {"out", required_argument, NULL, 'o'},
    {"run", no_argument, NULL, 'r'},
    {"full", no_argument, NULL, 'f'},
    {"details", no_argument, NULL, OPT_DETAILS},
    {"report", required_argument, NULL, OPT_REPORT},
    {"format", required_argument, NULL, OPT_FORMAT},
    {"dir", required_argument, NULL, OPT_DIR},
    {"env", required_argument, NULL, OPT_ENV},
    {"inherit-env", no_argument, NULL, OPT_INHERIT_ENV},
    {"invoke", required_argument, NULL, OPT_INVOKE},
    {"preload", required_argument, NULL, OPT_PRELOAD},
    {"stub-imports", required_argument, NULL, OPT_STUBS},
    {"timeout", required_argument, NULL, OPT_TIMEOUT},
    {"max-memory", required_argument, NULL, OPT_MAX_MEMORY},
    {"seed", required_argument, NULL, OPT_SEED},
    {"clock", required_argument, NULL, OPT_CLOCK},
    {"keep-debug", no_argument, NULL, OPT_KEEP_DEBUG},
    {"times", no_argument, NULL, OPT_TIMES},
    {"hot-after", required_argument, NULL, OPT_HOT_AFTER},
    {"analysis", required_argument, NULL, OPT_ANALYSIS},
    {"inline", required_argument, NULL, OPT_INLINE},
    {"no-cache", no_argument, NULL, OPT_NO_CACHE},
    {"trace-memory", required_argument, NULL, OPT_TRACE_MEMORY},
    {"debug-file", required_argument, NULL, OPT_DEBUG_FILE},
    {"source-map", required_argument, NULL, OPT_SOURCE_MAP},
    {"trace-out", required_argument, NULL, OPT_TRACE_OUT},
    {"trace-values", no_argument, NULL, OPT_TRACE_VALUES},
    {"contexts", optional_argument, NULL, OPT_CONTEXTS},
    {"objects", no_argument, NULL, OPT_OBJECTS},
    {"distances", no_argument, NULL, OPT_DISTANCES},
    {"alloc", required_argument, NULL, OPT_ALLOC},
    {"sort", required_argument, NULL, OPT_SORT},
    {"by", required_argument, NULL, OPT_BY},
    {"top", required_argument, NULL, OPT_TOP},
    {"min-share", required_argument, NULL, OPT_MIN_SHARE},
    {"only", required_argument, NULL, OPT_ONLY},
    {"focus", required_argument, NULL, OPT_FOCUS},
    {"ignore", required_argument, NULL, OPT_IGNORE},
    {"housekeeping", required_argument, NULL, OPT_HOUSEKEEPING},
    {"own", required_argument, NULL, OPT_OWN},
    {"not-own", required_argument, NULL, OPT_NOT_OWN},
    {"fail-on", required_argument, NULL, OPT_FAIL_ON},
    {"fail-on-increase", required_argument, NULL, OPT_FAIL_ON_INCREASE},
    {"tolerance", required_argument, NULL, OPT_TOLERANCE},
    {"baseline", required_argument, NULL, OPT_BASELINE},
    {"suppressions", required_argument, NULL, OPT_SUPPRESSIONS},
    {"gen-suppressions", no_argument, NULL, OPT_GEN_SUPPRESSIONS},
    {"color", required_argument, NULL, OPT_COLOR},
    {"verbose", no_argument, NULL, 'v'},
    {"quiet", no_argument, NULL, 'q'},
    {"help", no_argument, NULL, 'h'},
    {"version", no_argument, NULL, 'V'},
    {0},
};

const char *option_nearest(const char *word)
{
    char name[40];
    snprintf(name, sizeof name, "%.*s", (int)strcspn(word, "="), word);
    const char *start = name + strspn(name, "-"), *best = NULL;
    size_t least = SIZE_MAX;
    for (const struct option *o = option_table; o->name; o++) {
        size_t distance = suggest_distance(start, o->name);
        if (distance > 0 && distance < least && suggest_is_near(start, o->name, distance)) {
            least = distance;
            best = o->name;
        }
    }
    return best;
}

/* Those that say how a run goes, or where a module goes, make no sense without either. */
bool option_is_for(enum option_command command, int option)
{
    if (command == COMMAND_RUN || option == 'f' || option == 'q' || option == 'v' || option == OPT_COLOR ||
        option == 'h' || option == 'V' || option == OPT_REPORT || option == OPT_FORMAT || option == OPT_DETAILS ||
        option == OPT_SOURCE_MAP || (option >= OPT_SORT && option <= OPT_GEN_SUPPRESSIONS))
        return true;
    if (command == COMMAND_MERGE)
        return option == 'o';
    return option == OPT_DEBUG_FILE || option == OPT_PRELOAD || option == OPT_DISTANCES;
}
