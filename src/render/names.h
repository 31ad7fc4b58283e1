/* names.h: the words that the text reports share. */
#ifndef MT_RENDER_NAMES_H
#define MT_RENDER_NAMES_H

#include "render/output.h"
#include "render/spool.h"
#include "report/report.h"

/* What JSON and options call a kind. */
const char *kind_name(unsigned kind);

/* What a comment says first: `after load, ` or `after store, ` for a silent load, nothing for other kinds. */
const char *load_class(unsigned kind);

/* Whether pairs of this kind belong to the list. */
bool in_list(unsigned kind, enum pair_list list);

/* `  dead_store_pairs (2 entries):` */
void put_list_head(struct output *out, enum pair_list list, uint64_t entries);

/* Where an access was: its function; `init`, `host`, or `outside` where no instruction entered the import. */
const char *side_name(const struct report_side *side);

/* A function's name, cut where it is longer than anyone reads: only for text that people look at. */
void output_name(struct output *out, const char *name);

/* A word for a kind of object (trace/object.h), as JSON has it. */
const char *object_kind_name(unsigned kind);

/* An object in words, such as `heap, allocated by f (a.c:12)`; where contexts were followed, with who called. */
void put_object_words(struct output *out, const struct report *r, const struct report_object *o);

#endif
