/* sources.h: the lines of source around the places of pairs; for whoever makes a report. */
#ifndef MT_REPORT_SOURCES_H
#define MT_REPORT_SOURCES_H

#include "report/report.h"

/* Fills r->sources from the frames of all pairs, where names->source is there.  False when memory is short. */
bool sources_collect(struct report *r, const struct report_names *names);

#endif
