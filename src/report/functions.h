/* functions.h: which function a name means.  A function is its name, without what a build adds, and the file that it is declared in; where
 * that is not known, its index.  So two static functions of one name are two. */
#ifndef MT_REPORT_FUNCTIONS_H
#define MT_REPORT_FUNCTIONS_H

#include "report/report.h"
#include "report/strings.h"

struct function {
    const char *name; /* without what a build adds; never NULL */
    const char *file; /* NULL: not known */
    uint32_t func;    /* where the file is not known, of a function of the module: its index; else UINT32_MAX */
};

/* A name without what a build adds: itself, or a string of s.  NULL when memory is short. */
const char *function_plain_name(struct strings *s, const char *name);

/* The function of a side's frame (of one without frames: 0); of the innermost for 0.  Init and host are functions of these names.  False
 * when memory is short. */
bool function_of_side(struct strings *s, const struct report_side *side, uint32_t frame, struct function *f);
int function_compare(const struct function *a, const struct function *b);

/* All functions of a report's pairs, and of the calls that led to them. */
struct functions;

struct functions *functions_of(const struct report *r); /* NULL when memory is short */
void functions_free(struct functions *f);

/* As function_of_side; the functions own the string. */
bool functions_name_side(struct functions *f, const struct report_side *side, uint32_t frame, struct function *one);

/* The end of a function's path that tells it from all others of its name, but at least the file's own name; NULL: no path is known. */
const char *functions_tail(const struct functions *f, const struct function *one);
/* Whether it is the only one of its name. */
bool functions_is_single(const struct functions *f, const struct function *one);

/* What to show for a name: `reset (net/buf.c)` or `reset (func[7])` where there are several, else the name itself.  The functions own
 * the string.  NULL when memory is short. */
const char *functions_label(struct functions *f, const char *name, const struct function *one);

/* Tells each side of a report the file of the module's function, where any access in that shows it (homes.c).  False when memory is
 * short. */
bool functions_find_homes(struct report *r);

/* The length of the end that both paths share, in whole parts; 0: not even the file's own name. */
size_t path_shared_end(const char *a, const char *b);

#endif
