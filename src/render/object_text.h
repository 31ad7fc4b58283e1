/* object_text.h: objects in the summary. */
#ifndef MT_RENDER_OBJECT_TEXT_H
#define MT_RENDER_OBJECT_TEXT_H

#include "render/output.h"
#include "report/report.h"

/* An object's words (put_object_words); to be freed, NULL when memory is short. */
char *object_words(const struct report *r, const struct report_object *o);

/* The same, cut where they would take more than so many bytes. */
void put_object_cut(struct output *out, const struct report *r, const struct report_object *o, size_t limit);

/* The object in which most of a pair's bytes are; nothing where objects were not followed. */
void put_pair_object(struct output *out, const struct report *r, const struct report_pair *pair);

/* The worst objects; nothing where objects were not followed. */
void put_object_ranking(struct output *out, const struct report *r);

/* object_use_text.c: how they are used; nothing where objects were not followed. */
void put_object_use(struct output *out, const struct report *r);

#endif
