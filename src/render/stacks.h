/* stacks.h: pairs as the stacks that profile viewers know.  From the root: the first access's call path (as far as it was followed,
 * else its function and what is inlined), a frame such as `[overwritten by]`, the second access's path. */
#ifndef MT_RENDER_STACKS_H
#define MT_RENDER_STACKS_H

#include "render/names.h"
#include "render/output.h"
#include "report/functions.h"

/* An instruction with what is inlined around it, or a place that is none. */
struct stack_frame {
    const struct report_side *side; /* NULL: no instruction, only a name */
    const char *name;               /* of the function that the module has; `[init]`, `[host]`, `[overwritten by]` */
    struct functions *functions;    /* of the report */
};

struct stack {
    struct stack_frame *frames; /* from the root */
    size_t count, capacity;
    struct functions *functions;
};

/* One of a pair's stacks, with its part of the counts. */
struct stack_sample {
    const struct report_pair *pair;
    const struct stack *stack;
    size_t join; /* index of the joining frame */
    uint64_t instances, bytes;
};

/* Calls EACH for all stacks of all pairs of the report.  When memory is short, that is the output's failure. */
void stacks_each(struct output *out, const struct report *r, void (*each)(void *self, const struct stack_sample *s),
                 void *self);

/* The functions of a frame, the outermost first: NULL, and all in *name, where there is no debug information. */
size_t stack_frame_lines(const struct stack_frame *f);

/* How many of them stand for an access: the own one is the last, and what a library has inlined into it is left out. */
size_t stack_frame_own_lines(const struct stack_frame *f);

/* The i-th of them: function (never NULL), file (that of the function where the place has none; or NULL), line (or 0).  Where several functions have the name, its file or index stands
 * behind it, for viewers know no more of a function than what it is called. */
void stack_frame_line(const struct stack_frame *f, size_t i, struct report_frame *line);

/* What the first access of a pair is called where it stands apart from the second one's stack, such as `[stored by] `. */
const char *stack_partner_prefix(unsigned kind);

#endif
