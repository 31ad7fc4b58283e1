/* Which --format goes with which --report: the first with the first, the second with the second, and so on.  One --format more
 * than there are --report goes to standard output; a --report beyond the last --format is what its suffix says, and a single one
 * whose suffix says nothing is text. */
#include "cli/input.h"
#include "cli/options.h"

#include <stdlib.h>

static bool check_twice(const struct options *o, struct error *err)
{
    for (size_t i = 0; i < o->report_count; i++)
        for (size_t k = 0; k < i; k++) {
            const struct report_target *a = &o->reports[k], *b = &o->reports[i];
            if (a->format == b->format)
                return error_set(err, ERROR_USAGE, "--format %s is given twice", a->format->name);
            if (a->path && b->path && input_is_same_file(a->path, b->path))
                return error_set(err, ERROR_USAGE, "two reports would go to '%s'", b->path);
        }
    return true;
}

/* A report without the pairs of the baseline is no new baseline. */
static bool check_known(const struct options *o, struct error *err)
{
    for (size_t i = 0; i < o->report_count; i++) {
        const char *path = o->reports[i].path;
        if (path && o->baseline && input_is_same_file(path, o->baseline))
            return error_set(err, ERROR_USAGE, "the report '%s' is the baseline", path);
        if (path && o->suppressions && input_is_same_file(path, o->suppressions))
            return error_set(err, ERROR_USAGE, "the report '%s' is the file of suppressions", path);
    }
    return true;
}

bool options_pair_reports(struct options *o, size_t format_count, size_t path_count, struct error *err)
{
    struct report_target *reports = o->reports;
    if (format_count > path_count + 1)
        return error_set(err, ERROR_USAGE,
                         "--format %s has no --report, and so has --format %s; only one report can "
                         "go to standard output",
                         reports[path_count].format->name, reports[path_count + 1].format->name);
    if (!format_count && path_count <= 1) {
        const struct format *by_suffix = path_count ? format_of_path(reports[0].path) : NULL;
        reports[0].format = by_suffix ? by_suffix : format_at(0);
        format_count = 1;
    }
    for (; format_count < path_count; format_count++) {
        reports[format_count].format = format_of_path(reports[format_count].path);
        if (!reports[format_count].format)
            return error_set(err, ERROR_USAGE,
                             "--report '%s' has no --format, and no suffix that says one, such as .json or .html: the "
                             "first --format goes with the first --report, and so on",
                             reports[format_count].path);
    }
    o->report_count = format_count;
    return check_twice(o, err) && check_known(o, err);
}
