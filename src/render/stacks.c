#include "render/stacks.h"

#include <errno.h>
#include <stdlib.h>

static const char *join_name(unsigned kind)
{
    static const char *const names[] = {[DEFECT_DEAD_STORE] = "[overwritten by]",
                                        [DEFECT_SILENT_STORE] = "[stored again by]",
                                        [DEFECT_SILENT_LOAD_AFTER_LOAD] = "[loaded again by]",
                                        [DEFECT_SILENT_LOAD_AFTER_STORE] = "[stored, then loaded by]"};
    return names[kind];
}

static bool push(struct stack *s, const struct report_side *side, const char *name)
{
    if (s->count == s->capacity) {
        size_t capacity = s->capacity ? 2 * s->capacity : 32;
        struct stack_frame *frames = realloc(s->frames, capacity * sizeof *frames);
        if (!frames)
            return false;
        s->frames = frames;
        s->capacity = capacity;
    }
    s->frames[s->count++] = (struct stack_frame){side, name, s->functions};
    return true;
}

static void reverse(struct stack *s, size_t from)
{
    for (size_t a = from, b = s->count; a + 1 < b; a++, b--) {
        struct stack_frame f = s->frames[a];
        s->frames[a] = s->frames[b - 1];
        s->frames[b - 1] = f;
    }
}

/* The access, and its callers: each context's call stands in the function of the context above. */
static bool push_path(struct stack *s, const struct report *r, const struct report_side *side, uint32_t context)
{
    size_t from = s->count;
    if (side->origin != ORIGIN_SITE)
        return push(s, NULL, side->origin == ORIGIN_INIT ? "[init]" : "[host]");
    if (!push(s, side->loc ? side : NULL, *side->name ? side->name : "[outside]"))
        return false;
    const struct report_context *c = report_context_find(r, context);
    while (c && c->parent) {
        const struct report_context *parent = report_context_find(r, c->parent);
        const char *name = parent && parent->function ? parent->function : "[many callers]";
        if (!push(s, c->call.loc ? &c->call : NULL, name))
            return false;
        c = parent;
    }
    reverse(s, from);
    return true;
}

static bool make(struct stack *s, struct stack_sample *sample, const struct report *r, uint32_t first, uint32_t second)
{
    const struct report_pair *p = sample->pair;
    s->count = 0;
    if (!push_path(s, r, &p->first, first))
        return false;
    sample->join = s->count;
    return push(s, NULL, join_name(p->kind)) && push_path(s, r, &p->second, second);
}

void stacks_each(struct output *out, const struct report *r, void (*each)(void *self, const struct stack_sample *s),
                 void *self)
{
    struct stack stack = {.functions = functions_of(r)};
    if (!stack.functions)
        out->number = ENOMEM;
    for (size_t i = 0; i < r->pair_count && !output_failed(out); i++) {
        const struct report_pair *p = &r->pairs[i];
        size_t parts = p->context_count ? p->context_count : 1;
        for (size_t k = 0; k < parts && !output_failed(out); k++) {
            struct stack_sample sample = {p, &stack, 0, p->instances, p->bytes};
            uint32_t first = 0, second = 0;
            if (p->context_count) {
                first = p->contexts[k].first;
                second = p->contexts[k].second;
                sample.instances = p->contexts[k].instances;
                sample.bytes = p->contexts[k].bytes;
            }
            if (make(&stack, &sample, r, first, second))
                each(self, &sample);
            else
                out->number = ENOMEM;
        }
    }
    functions_free(stack.functions);
    free(stack.frames);
}

size_t stack_frame_lines(const struct stack_frame *f)
{
    return f->side && f->side->frame_count ? f->side->frame_count : 1;
}

size_t stack_frame_own_lines(const struct stack_frame *f)
{
    const struct report_frame *own = f->side ? report_own_frame(f->side) : NULL;
    return own ? f->side->frame_count - (size_t)(own - f->side->frames) : stack_frame_lines(f);
}

const char *stack_partner_prefix(unsigned kind)
{
    static const char *const prefixes[] = {[DEFECT_DEAD_STORE] = "[stored by] ",
                                           [DEFECT_SILENT_STORE] = "[same stored by] ",
                                           [DEFECT_SILENT_LOAD_AFTER_LOAD] = "[same loaded by] ",
                                           [DEFECT_SILENT_LOAD_AFTER_STORE] = "[loaded value stored by] "};
    return prefixes[kind];
}

/* Where memory is short the name stays as it is. */
static void put_label(const struct stack_frame *f, uint32_t frame, struct report_frame *line)
{
    struct function function;
    if (!functions_name_side(f->functions, f->side, frame, &function))
        return;
    const char *label = functions_label(f->functions, line->function, &function);
    line->function = label ? label : line->function;
}

void stack_frame_line(const struct stack_frame *f, size_t i, struct report_frame *line)
{
    *line = (struct report_frame){.function = f->name};
    if (!f->side)
        return;
    if (!f->side->frame_count) {
        put_label(f, 0, line);
        return;
    }
    uint32_t frame = f->side->frame_count - 1 - (uint32_t)i;
    *line = f->side->frames[frame];
    if (!line->function)
        line->function = f->name;
    if (!line->file)
        line->file = line->home;
    put_label(f, frame, line);
}
