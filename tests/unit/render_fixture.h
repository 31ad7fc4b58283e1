/* render_fixture.h: a made-up report and what a renderer makes of it, for the renderers' tests. */
#ifndef MT_TESTS_RENDER_FIXTURE_H
#define MT_TESTS_RENDER_FIXTURE_H

#include "render/output.h"
#include "report/report.h"

/* A report over static data that each call sets anew: not for report_release.  The pairs are in the contract's order, one of each sort of side. */
struct report fixture_report(void);

/* The same, with source frames of some sides: all that a frame may lack is lacking once. */
struct report fixture_lines_report(void);

/* A report of a program that touched nothing. */
struct report fixture_empty_report(void);

/* Text that a test collects; start it with {0}. */
struct capture {
    char *text;
    size_t size;
    FILE *stream;
    struct output out;
};

void capture_open(struct capture *c);
const char *capture_close(struct capture *c); /* the text; capture_free frees it */
void capture_free(struct capture *c);

#endif
