/* ranking.h: what the files of this folder share while pairs are being selected (select.h). */
#ifndef MT_REPORT_RANKING_H
#define MT_REPORT_RANKING_H

#include "report/select.h"

/* places.c and groups.c: fill the report's places and groups from its pairs.  False when memory is short. */
bool ranking_places(struct report *r, const struct report_selection *s);
bool ranking_groups(struct report *r, const struct report_selection *s);

#endif
