/* Callgrind's format, as callgrind_annotate and KCachegrind read it.  Costs stand at the own frame of each pair's second
 * access.  The first is a caller of a kind: a function `[stored by] NAME` that stands between the second's and who called it, so that viewers
 * show who the partners were. */
#include "base/vec.h"
#include "render/intern.h"
#include "render/stacks.h"
#include "render/viewers.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* A function, and a place in it. */
struct place {
    struct report_frame line;
    const char *prefix; /* of the function's name */
    uint32_t loc;
};

struct callgrind {
    struct output *out;
    struct intern files, functions;
    struct place *path; /* of the sample that is being written */
    size_t count, capacity;
};

/* `KEY=(3) name` when it is met first, then `KEY=(3)`. */
static void put_name(struct callgrind *c, struct intern *names, const char *key, const char *prefix, const char *name)
{
    char *text;
    if (asprintf(&text, "%s%s", prefix, name) < 0) {
        c->out->number = ENOMEM;
        return;
    }
    bool is_new;
    uint32_t number = intern_number(names, text, strlen(text), &is_new);
    output_printf(c->out, "%s=(%" PRIu32 ")", key, number);
    if (!number)
        c->out->number = ENOMEM;
    if (is_new) {
        output_text(c->out, " ");
        output_text(c->out, text);
    }
    output_text(c->out, "\n");
    free(text);
}

static void put_function(struct callgrind *c, const struct place *p, bool called)
{
    put_name(c, &c->files, called ? "cfi" : "fl", "", p->line.file ? p->line.file : "???");
    put_name(c, &c->functions, called ? "cfn" : "fn", p->prefix, p->line.function);
}

static void put_costs(struct callgrind *c, const struct place *p, const struct stack_sample *s)
{
    static const unsigned column[] = {[DEFECT_DEAD_STORE] = 0,
                                      [DEFECT_SILENT_STORE] = 1,
                                      [DEFECT_SILENT_LOAD_AFTER_LOAD] = 2,
                                      [DEFECT_SILENT_LOAD_AFTER_STORE] = 2};
    output_printf(c->out, "0x%" PRIx32 " %" PRIu32, p->loc, p->line.line);
    for (unsigned i = 0; i < 3; i++) {
        bool here = i == column[s->pair->kind];
        output_printf(c->out, " %" PRIu64 " %" PRIu64, here ? s->bytes : 0, here ? s->instances : 0);
    }
    output_text(c->out, "\n");
}

/* Readers want a count of calls, and nobody counted them: 1 for each pair and path, so that it says how many of these there are. */
static void put_call(struct callgrind *c, const struct place *from, const struct place *to,
                     const struct stack_sample *s)
{
    put_function(c, from, false);
    put_function(c, to, true);
    output_printf(c->out, "calls=1 0x%" PRIx32 " %" PRIu32 "\n", to->loc, to->line.line);
    put_costs(c, from, s);
}

static struct place place(const struct stack_frame *f, size_t i)
{
    struct place p = {.prefix = "", .loc = f->side ? f->side->loc : 0};
    stack_frame_line(f, i, &p.line);
    return p;
}

static bool is_same(const struct place *a, const struct place *b)
{
    return strcmp(a->line.function, b->line.function) == 0 &&
           strcmp(a->line.file ? a->line.file : "", b->line.file ? b->line.file : "") == 0;
}

/* Adds a place to the path.  Readers add up what calls cost, some by caller, others by what is called; so no function may be there twice:
 * what recursion led through is left out, from the function that came again. */
static bool push(struct callgrind *c, const struct place *p)
{
    for (size_t i = 0; i < c->count; i++)
        if (is_same(&c->path[i], p))
            c->count = i;
    if (!vec_room((void **)&c->path, &c->capacity, c->count, sizeof *c->path))
        return false;
    c->path[c->count++] = *p;
    return true;
}

/* The path of the second access, from the root to its own frame. */
static bool find_path(struct callgrind *c, const struct stack_sample *s)
{
    c->count = 0;
    for (size_t i = s->join + 1; i < s->stack->count; i++) {
        const struct stack_frame *f = &s->stack->frames[i];
        size_t lines = i + 1 < s->stack->count ? stack_frame_lines(f) : stack_frame_own_lines(f);
        for (size_t k = 0; k < lines; k++) {
            struct place p = place(f, k);
            if (!push(c, &p))
                return false;
        }
    }
    return true;
}

static void put_sample(void *self, const struct stack_sample *s)
{
    struct callgrind *c = self;
    const struct stack_frame *first = &s->stack->frames[s->join - 1];
    if (!find_path(c, s)) {
        c->out->number = ENOMEM;
        return;
    }
    struct place *leaf = &c->path[c->count - 1], partner = place(first, stack_frame_own_lines(first) - 1);
    put_function(c, leaf, false);
    put_costs(c, leaf, s);
    partner.prefix = stack_partner_prefix(s->pair->kind);
    put_call(c, &partner, leaf, s);
    if (c->count > 1)
        put_call(c, leaf - 1, &partner, s);
    for (size_t i = 0; i + 2 < c->count; i++)
        put_call(c, &c->path[i], &c->path[i + 1], s);
}

void render_callgrind(struct output *out, const struct report *r)
{
    struct callgrind c = {.out = out};
    const struct report_total *t = r->totals;
    intern_open(&c.files);
    intern_open(&c.functions);
    output_text(out, "# callgrind format\nversion: 1\ncreator: mem-tracer\ncmd: ");
    output_text(out, r->input_path);
    output_text(out, "\npositions: instr line\n"
                     "event: DeadStoreB : Bytes of dead stores\nevent: DeadStores : Dead stores\n"
                     "event: SilentStoreB : Bytes of silent stores\nevent: SilentStores : Silent stores\n"
                     "event: SilentLoadB : Bytes of silent loads\nevent: SilentLoads : Silent loads\n"
                     "events: DeadStoreB DeadStores SilentStoreB SilentStores SilentLoadB SilentLoads\n");
    output_printf(out, "summary: %" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu64 "\n\n",
                  t[DEFECT_DEAD_STORE].bytes, t[DEFECT_DEAD_STORE].instances, t[DEFECT_SILENT_STORE].bytes,
                  t[DEFECT_SILENT_STORE].instances,
                  t[DEFECT_SILENT_LOAD_AFTER_LOAD].bytes + t[DEFECT_SILENT_LOAD_AFTER_STORE].bytes,
                  t[DEFECT_SILENT_LOAD_AFTER_LOAD].instances + t[DEFECT_SILENT_LOAD_AFTER_STORE].instances);
    stacks_each(out, r, put_sample, &c);
    intern_close(&c.files);
    intern_close(&c.functions);
    free(c.path);
}
