/* analysis.h: the library's part of the specification tests' host: one module's instrumented form and what is found out
 * about an instance of it.  Apart from host.h, since the engine's headers and the library's use the same names. */
#ifndef MT_TESTS_SPEC_ANALYSIS_H
#define MT_TESTS_SPEC_ANALYSIS_H

#include "base/buf.h"
#include "engine/engine.h"

enum form {
    FORM_PLAIN,  /* as it is */
    FORM_RECORD, /* what -o writes: no host takes its records */
    FORM_TRACE,  /* what --run runs, analysed by trace */
    FORM_ONLINE, /* what --run runs, analysed online where the module allows it */
};

struct analysis;

/* Appends the instrumented form to `out`; `inlining` is an enum rewrite_inline.  NULL and *err where it is refused.  The bytes
 * must live until analysis_free, and so must *err, which gets what fails later. */
struct analysis *analysis_new(enum form form, int inlining, const uint8_t *bytes, size_t size, struct buf *out,
                              struct error *err);
void analysis_free(struct analysis *a); /* NULL is nothing */

/* Whether instances keep the analysis themselves. */
bool analysis_is_online(const struct analysis *a);
/* Once, for an instance of FORM_TRACE or FORM_ONLINE: who takes its records. */
bool analysis_open(struct analysis *a, struct engine_guest *guest);
/* Once, after the last record: the report as JSON in one line, which the caller frees; NULL on failure. */
char *analysis_report(struct analysis *a);

#endif
