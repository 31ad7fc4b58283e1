/* pattern.h: the one matcher of --focus, --ignore and suppressions.
 *
 * `*` stands for any letters, also none, `?` for one byte, and a backslash takes the meaning of the next.  But a pattern that is some
 * function's name as it stands means that function: `operator*`, `runtime.(*mspan).init`. */
#ifndef MT_REPORT_PATTERN_H
#define MT_REPORT_PATTERN_H

#include "report/report.h"

struct pattern {
    const char *text; /* borrowed */
    bool is_name;     /* of a function in the report; else * and ? have their meaning */
};

/* Whether the text fits, as a whole. */
bool pattern_fits(const char *pattern, const char *text);

/* Whether a file's name fits, as a whole or from any folder on.  Where it is one of Windows, slashes of both kinds are the same, and a
 * backslash in the pattern may be one of them. */
bool pattern_fits_file(const char *pattern, const char *file);

/* What the text means for functions of this report. */
struct pattern pattern_of(const struct report *r, const char *text);

/* Whether a function's name fits: in full or by one of function_name_forms, also without what a build adds. */
bool pattern_fits_function(const struct pattern *p, const char *name);

/* Whether a function of the side fits: the module's, or one that is inlined; init and host are called so. */
bool pattern_fits_side(const struct pattern *p, const struct report_side *side);

/* NULL, or what shows that the text is a regular expression, and surely no pattern. */
const char *pattern_is_regex(const char *text);

#endif
