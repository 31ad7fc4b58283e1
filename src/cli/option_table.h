/* option_table.h: the command line's options, shared by the files that read them; private to them.
 *
 *   option_table.c    names, and which command takes which
 *   option_values.c   what an option's argument means
 *   options.c         the words as a whole */
#ifndef MT_CLI_OPTION_TABLE_H
#define MT_CLI_OPTION_TABLE_H

#include "cli/options.h"

#include <getopt.h>

enum {
    OPT_REPORT = 256,
    OPT_FORMAT,
    OPT_DETAILS,
    OPT_DIR,
    OPT_ENV,
    OPT_INHERIT_ENV,
    OPT_INVOKE,
    OPT_PRELOAD,
    OPT_STUBS,
    OPT_TIMEOUT,
    OPT_KEEP_DEBUG,
    OPT_INLINE,
    OPT_TIMES,
    OPT_HOT_AFTER,
    OPT_ANALYSIS,
    OPT_NO_CACHE,
    OPT_TRACE_MEMORY,
    OPT_DEBUG_FILE,
    OPT_SOURCE_MAP,
    OPT_CONTEXTS,
    OPT_OBJECTS,
    OPT_DISTANCES,
    OPT_ALLOC,
    OPT_TRACE_OUT,
    OPT_TRACE_VALUES,
    OPT_SORT,
    OPT_BY,
    OPT_TOP,
    OPT_MIN_SHARE,
    OPT_ONLY,
    OPT_FOCUS,
    OPT_IGNORE,
    OPT_HOUSEKEEPING, /* the last of those that select */
    OPT_OWN,
    OPT_NOT_OWN,
    OPT_FAIL_ON,
    OPT_FAIL_ON_INCREASE,
    OPT_TOLERANCE,
    OPT_BASELINE,
    OPT_SUPPRESSIONS,
    OPT_GEN_SUPPRESSIONS, /* the last of what is made of a report */
    OPT_COLOR,
    OPT_MAX_MEMORY,
    OPT_SEED,
    OPT_CLOCK
};

extern const struct option option_table[]; /* ends with zeros */

/* Whose words are read. */
enum option_command { COMMAND_RUN, COMMAND_ANALYZE, COMMAND_MERGE };

/* Where a repeated option's strings go: the options' own copy of argv, cut in place. */
struct reader {
    struct options *o;
    struct engine_pair *env, *dirs, *preloads; /* each as long as argv */
    struct source_move *moves;                 /* so are these */
    struct own_rule *own;
    size_t format_count, path_count; /* of --format and --report */
    struct error *err;
    enum option_command command;
    const char *run_option; /* an option that was given and needs --run */
    char **behind;          /* what stands behind -- */
    size_t behind_count;
};

/* The option that is most like the word, up to its `=`; NULL where none is. */
const char *option_nearest(const char *word);

/* Whether the command takes the option. */
bool option_is_for(enum option_command command, int option);

/* Takes one option with its argument (NULL: none).  False and *r->err when the argument does not fit. */
bool option_take(struct reader *r, int option, char *arg);

#endif
