/* function_name.h: the parts of a function's name: what a build adds to it, and what people leave out when they write it. */
#ifndef MT_REPORT_FUNCTION_NAME_H
#define MT_REPORT_FUNCTION_NAME_H

#include "base/buf.h"

/* Appends the name without what a build adds and the next build changes (docs/report.md has the list).  False when memory is
 * short. */
bool function_name_put(struct buf *out, const char *name);

/* Whether function_name_put would give the name as it is. */
bool function_name_is_plain(const char *name);

enum { FUNCTION_NAME_FORMS = 6 };

struct function_name_form {
    const char *text;
    size_t size;
};

/* The ways in which a name may be written: in full; without its return type, its arguments, both, and its type arguments too.  The
 * forms point into the name; returns how many there are. */
size_t function_name_forms(const char *name, struct function_name_form *forms);

#endif
