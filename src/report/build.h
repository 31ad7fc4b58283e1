/* build.h: what the files of this folder share while a report is being made. */
#ifndef MT_REPORT_BUILD_H
#define MT_REPORT_BUILD_H

#include "facts/facts.h"
#include "report/report.h"
#include "report/stacks.h"
#include "report/strings.h"

/* What is being built, and from what. */
struct build {
    struct report *out;
    const struct site_table *table;
    const struct report_names *names;
    struct facts *facts;  /* NULL: nobody looks at the code */
    uint32_t *object_ids; /* of the counters' objects, where objects are followed; owned by report_build */
    struct buf scratch;   /* the text being made harmless */
    struct stacks stacks;
};

/* A function's name, kept by the report; NULL when memory is short. */
const char *build_func_name(struct build *b, uint32_t func);

/* Another text that is kept, made harmless; NULL when memory is short. */
const char *build_text(struct build *b, const char *text, size_t limit);

/* trap.c: where the program trapped; false when memory is short. */
bool build_trap(struct build *b, const struct report_ending *ending);

/* report_map.c: the map of memory, after objects; false when memory is short. */
bool build_map(struct build *b, const struct counters *counters);

/* The side that an instruction is; false when memory is short. */
bool build_side(struct build *b, site_id id, struct report_side *side);

/* unread.c: what was unread at the end; and of two reports together.  False when memory is short. */
bool build_unread(struct build *b, const struct counters *counters);
bool merge_unread(struct report *into, const struct report *from);

/* classes.c: sets class, marks, advice and constant of a pair whose sides are set; false when memory is short. */
bool build_class(struct build *b, const struct pair_count *from, struct report_pair *pair);
/* classes.c: whether both are plain loads or stores of one function, at bytes that the code shows to be the same. */
bool build_same_place(struct build *b, const struct pair_count *pair);

/* distance.c: sets the distance of a pair as far as samples (NULL: there are none) or the code of its sides tell. */
void estimate_distance(struct build *b, const struct pair_count *from, const struct pair_distance *sampled,
                       struct report_pair *pair);
/* distance.c: the advice that follows from how far apart a redundant load's sides are; false when memory is short. */
bool build_distance_advice(struct build *b, struct report_pair *pair);
/* Sums up when all pairs are there, and bytes are known. */
void finish_classes(struct report *r);

/* report.c: shares of the totals; and how pairs are ordered: by kind and places, and as the contract wants them. */
void finish_totals(struct report *r);
int compare_groups(const void *left, const void *right);
int compare_pairs(const void *left, const void *right);

/* merge_parts.c: pairs, contexts and objects of two reports; see merge.h. */
bool merge_parts(struct report *into, struct report *from, const char **lost);

/* bases.c: what the address of a side's access is made of; false when memory is short. */
bool build_base(struct build *b, site_id id, struct report_side *side);

/* parts.c: adds up parts of one pair that are alike; returns how many are left.  Parts by object have its id as their first context. */
size_t parts_sum_up(struct report_pair_context *parts, size_t count);
/* The most bytes first. */
void parts_sort(struct report_pair_context *parts, size_t count);

/* parts.c: contexts and objects of the pairs, which are in their final order.  False when memory is short. */
bool build_parts(struct build *b, const struct counters *counters);

/* contexts.c: those that are used[id], and what leads to them. */
bool build_contexts(struct build *b, const struct counters *counters, uint8_t *used);

/* objects.c: those that pairs are in, which are counted; ranks[i] becomes the id of the i-th of the counters' objects. */
bool build_objects(struct build *b, const struct counters *counters, uint32_t *ranks);
/* When the report's totals are known. */
void finish_objects(struct report *r);

#endif
