#include "report/stacks.h"

#include "base/clean.h"
#include "base/vec.h"
#include "report/strings.h"

#include <stdlib.h>
#include <string.h>

enum { PATH_LIMIT = 4096, TEXT_LIMIT = 512 };

/* Files and functions recur in very many frames. */
static const char *keep(struct stacks *s, const char *bytes, size_t size, size_t limit)
{
    buf_clear(&s->scratch);
    clean_put(&s->scratch, bytes, size, limit);
    if (s->scratch.failed)
        return NULL;
    return strings_intern(s->out->strings, (const char *)s->scratch.data, s->scratch.size);
}

bool stacks_open(struct stacks *s, struct report *out, const struct report_names *names, const struct site_table *table)
{
    *s = (struct stacks){.out = out, .names = names, .table = table};
    buf_init(&s->scratch, SIZE_MAX / 2);
    if (names->frames)
        s->sites = calloc(table->count + 1, sizeof *s->sites);
    return !names->frames || s->sites;
}

void stacks_close(struct stacks *s)
{
    free(s->sites);
    buf_release(&s->scratch);
}

static bool keep_frame(struct stacks *s, const struct report_raw_frame *raw, struct report_frame *frame)
{
    *frame = (struct report_frame){.line = raw->line, .column = raw->column, .indent = raw->indent};
    if (raw->function && !(frame->function = keep(s, raw->function, strlen(raw->function), SIZE_MAX)))
        return false;
    if (raw->file && !(frame->file = keep(s, raw->file, strlen(raw->file), PATH_LIMIT)))
        return false;
    frame->home = frame->file;
    if (raw->home && !(frame->home = keep(s, raw->home, strlen(raw->home), PATH_LIMIT)))
        return false;
    return !raw->text || (frame->text = keep(s, raw->text, raw->text_size, TEXT_LIMIT));
}

static bool look_up(struct stacks *s, const struct site *site, struct stack *stack, const char *func)
{
    struct report_raw_frame raw[REPORT_FRAMES_MAX];
    size_t count = 0;
    if (!s->names->frames(s->names->self, site, raw, &count, &stack->no_line))
        return false;
    struct report *r = s->out;
    struct report_frame *frames = count ? calloc(count, sizeof *frames) : NULL;
    if (count && (!frames || !vec_room((void **)&r->stacks, &r->stack_capacity, r->stack_count, sizeof *r->stacks))) {
        free(frames);
        return false;
    }
    if (count)
        r->stacks[r->stack_count++] = frames;
    for (size_t i = 0; i < count; i++)
        if (!keep_frame(s, &raw[i], &frames[i]))
            return false;
    if (count && !frames[count - 1].function)
        frames[count - 1].function = func; /* what is not inlined is the module's function */
    stack->frames = frames;
    stack->count = (uint32_t)count;
    stack->known = true;
    return true;
}

static void take_stack(const struct stack *stack, struct report_side *side)
{
    side->frames = stack->frames;
    side->frame_count = stack->count;
    side->own = OWN_UNKNOWN;
    side->no_line = stack->no_line;
}

bool stacks_find(struct stacks *s, site_id id, struct report_side *side)
{
    if (!s->sites)
        return true;
    struct stack *stack = &s->sites[id - SITE_FIRST];
    if (!stack->known && !look_up(s, site_get(s->table, id), stack, side->name))
        return false;
    take_stack(stack, side);
    return true;
}

bool stacks_look_up(struct stacks *s, const struct site *site, struct report_side *side)
{
    struct stack stack = {0};
    if (s->sites && !look_up(s, site, &stack, side->name))
        return false;
    take_stack(&stack, side);
    return true;
}

bool lines_add_missing(struct report_lines *lines, size_t *capacity, const char *why, uint64_t bytes)
{
    size_t i = 0;
    while (i < lines->missing_count && strcmp(lines->missing[i].why, why) != 0)
        i++;
    if (i == lines->missing_count) {
        if (!vec_room((void **)&lines->missing, capacity, i, sizeof *lines->missing))
            return false;
        lines->missing[lines->missing_count++] = (struct report_missing){.why = why};
    }
    lines->missing[i].bytes += bytes;
    return true;
}

static int compare_missing(const void *left, const void *right)
{
    const struct report_missing *a = left, *b = right;
    if (a->bytes != b->bytes)
        return a->bytes > b->bytes ? -1 : 1;
    return strcmp(a->why, b->why);
}

void lines_sort_missing(struct report_lines *lines)
{
    if (lines->missing_count)
        qsort(lines->missing, lines->missing_count, sizeof *lines->missing, compare_missing);
}

bool stacks_total(struct stacks *s)
{
    struct report_lines *lines = &s->out->lines;
    size_t capacity = 0;
    if (!s->sites)
        return true;
    lines->asked = true;
    lines->source = s->names->lines_source(s->names->self);
    const char *warning = s->names->lines_warning(s->names->self);
    if (warning && !(lines->warning = keep(s, warning, strlen(warning), TEXT_LIMIT)))
        return false;
    for (size_t i = 0; i < s->out->pair_count; i++) {
        const struct report_pair *p = &s->out->pairs[i];
        const char *why = p->second.no_line ? p->second.no_line : p->first.no_line;
        lines->bytes += p->bytes;
        if (!why)
            lines->found += p->bytes;
        else if (!lines_add_missing(lines, &capacity, why, p->bytes))
            return false;
    }
    lines_sort_missing(lines);
    return true;
}
