/* report_file.h: JSON reports read back, as far as comparing them needs. */
#ifndef MT_CLI_REPORT_FILE_H
#define MT_CLI_REPORT_FILE_H

#include "base/error.h"
#include "report/report.h"

#include <stddef.h>
#include <stdint.h>

/* Where an access is, without offsets: a rebuild moves those. */
struct file_side {
    const char *function; /* the innermost; `init`, `host`; never NULL */
    const char *file;     /* NULL: not known */
    uint32_t line;        /* 0: not known */
};

/* All pairs of a report that are the same but for their offsets. */
struct file_pair {
    unsigned kind; /* index of report_file_kinds */
    struct file_side first, second;
    uint64_t instances, bytes;
};

struct report_file {
    void *json;              /* owner of the strings */
    struct file_pair *pairs; /* sorted: report_file_compare */
    size_t count;
    uint64_t bytes[DEFECT_KINDS];
    uint64_t suppressed[DEFECT_KINDS]; /* of them, so many in pairs that are suppressed or in a baseline */
    double share[DEFECT_KINDS];
};

extern const uint8_t report_file_kinds[DEFECT_KINDS]; /* DEFECT_…, in the order of JSON reports */

/* By kind, functions, lines; files do not count, for a build in another folder has other ones. */
int report_file_compare(const void *a, const void *b);

/* False and *err when the file cannot be read, is no JSON, or no report.  Release in any case. */
bool report_file_read(struct report_file *f, const char *path, struct error *err);
/* The same of a report that is not in a file; the strings are the report's. */
bool report_file_of(struct report_file *f, const struct report *r, struct error *err);
/* One pair of it, by which its entry can be found (report_file_compare). */
struct file_pair report_file_pair(const struct report_pair *p);
void report_file_release(struct report_file *f);

#endif
