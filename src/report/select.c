#include "report/select.h"

#include "base/buf.h"
#include "report/strings.h"

#include <regex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool is_load(unsigned kind)
{
    return kind == DEFECT_SILENT_LOAD_AFTER_LOAD || kind == DEFECT_SILENT_LOAD_AFTER_STORE;
}

/* The whole name, or up to a signature or type arguments. */
static bool is_named(const char *name, const char *wanted)
{
    size_t size = strlen(wanted);
    return name && strncmp(name, wanted, size) == 0 && (!name[size] || name[size] == '(' || name[size] == '<');
}

static bool side_is_in(const struct report_side *side, const char *wanted)
{
    bool found = is_named(side->name, wanted);
    for (uint32_t i = 0; i < side->frame_count && !found; i++)
        found = is_named(side->frames[i].function, wanted);
    return found;
}

static bool side_fits(const struct report_side *side, const regex_t *expression)
{
    bool found = *side->name && regexec(expression, side->name, 0, NULL, 0) == 0;
    for (uint32_t i = 0; i < side->frame_count && !found; i++)
        found = side->frames[i].function && regexec(expression, side->frames[i].function, 0, NULL, 0) == 0;
    return found;
}

static bool is_wanted(const struct report *r, const struct report_selection *s, const regex_t *ignore,
                      const struct report_pair *p)
{
    uint64_t whole = is_load(p->kind) ? r->bytes_loaded : r->bytes_stored;
    if (s->only && p->kind != s->kind)
        return false;
    if (s->min_share > 0 && (double)p->bytes < s->min_share * (double)whole)
        return false;
    if (s->focus && !side_is_in(&p->first, s->focus) && !side_is_in(&p->second, s->focus))
        return false;
    return !ignore || (!side_fits(&p->first, ignore) && !side_fits(&p->second, ignore));
}

/* Equal ones stay as they were: by their places in the array. */
static int compare_instances(const void *left, const void *right)
{
    const struct report_pair *a = left, *b = right;
    if (a->kind != b->kind)
        return a->kind < b->kind ? -1 : 1;
    if (a->instances != b->instances)
        return a->instances > b->instances ? -1 : 1;
    if (a->first.loc != b->first.loc)
        return a->first.loc < b->first.loc ? -1 : 1;
    return a->second.loc < b->second.loc ? -1 : a->second.loc > b->second.loc;
}

static void cut(struct report *r, uint64_t top)
{
    size_t kept = 0;
    uint64_t of_kind = 0;
    for (size_t i = 0; i < r->pair_count; i++) {
        of_kind = i && r->pairs[i].kind == r->pairs[i - 1].kind ? of_kind + 1 : 1;
        if (of_kind <= top)
            r->pairs[kept++] = r->pairs[i];
    }
    r->pair_count = kept;
}

static bool name_group(struct report *r, enum select_by by, const struct report_side *side, struct report_group *g)
{
    const struct report_frame *f = side->frame_count ? side->frames : NULL;
    g->name = f && f->function ? f->function : *side->name ? side->name : "outside";
    if (by == SELECT_BY_FUNCTION)
        return true;
    struct buf text;
    buf_init(&text, SIZE_MAX / 2);
    if (f && f->file && f->line)
        buf_printf(&text, "%s:%u (%s)", f->file, (unsigned)f->line, g->name);
    else
        buf_printf(&text, "%s, no line", g->name);
    g->name = text.failed ? NULL : strings_add(r->strings, (const char *)text.data, text.size);
    buf_release(&text);
    return g->name != NULL;
}

static int compare_names(const void *left, const void *right)
{
    return strcmp(((const struct report_group *)left)->name, ((const struct report_group *)right)->name);
}

static int compare_bytes(const void *left, const void *right)
{
    const struct report_group *a = left, *b = right;
    if (a->waste_bytes != b->waste_bytes)
        return a->waste_bytes > b->waste_bytes ? -1 : 1;
    return strcmp(a->name, b->name);
}

static int compare_times(const void *left, const void *right)
{
    const struct report_group *a = left, *b = right;
    if (a->waste_instances != b->waste_instances)
        return a->waste_instances > b->waste_instances ? -1 : 1;
    return compare_bytes(left, right);
}

static void add_group(struct report_group *to, const struct report_group *from)
{
    for (int kind = 0; kind < DEFECT_KINDS; kind++)
        to->bytes[kind] += from->bytes[kind];
    to->waste_bytes += from->waste_bytes;
    to->waste_instances += from->waste_instances;
    to->pairs += from->pairs;
}

/* A pair is put down to where its second side is: that is the access which found the value there, or overwrote it. */
static bool make_groups(struct report *r, const struct report_selection *s)
{
    r->groups = calloc(r->pair_count + 1, sizeof *r->groups);
    if (!r->groups)
        return false;
    for (size_t i = 0; i < r->pair_count; i++) {
        const struct report_pair *p = &r->pairs[i];
        struct report_group *g = &r->groups[i];
        *g = (struct report_group){.pairs = 1};
        g->bytes[p->kind] = p->bytes;
        if (p->kind != DEFECT_SILENT_LOAD_AFTER_STORE) {
            g->waste_bytes = p->bytes;
            g->waste_instances = p->instances;
        }
        if (!name_group(r, s->by, &p->second, g))
            return false;
    }
    qsort(r->groups, r->pair_count, sizeof *r->groups, compare_names);
    for (size_t i = 0; i < r->pair_count; i++) {
        if (r->group_count && strcmp(r->groups[r->group_count - 1].name, r->groups[i].name) == 0)
            add_group(&r->groups[r->group_count - 1], &r->groups[i]);
        else
            r->groups[r->group_count++] = r->groups[i];
    }
    qsort(r->groups, r->group_count, sizeof *r->groups, s->sort == SELECT_INSTANCES ? compare_times : compare_bytes);
    uint64_t all = 0, so_far = 0;
    for (size_t i = 0; i < r->group_count; i++)
        all += r->groups[i].waste_bytes;
    for (size_t i = 0; i < r->group_count; i++) {
        so_far += r->groups[i].waste_bytes;
        r->groups[i].cumulative = all ? (double)so_far / (double)all : 0;
    }
    if (s->top && r->group_count > s->top)
        r->group_count = (size_t)s->top;
    r->grouped_by = s->by == SELECT_BY_LINE ? "line" : "function";
    return true;
}

bool report_select(struct report *r, const struct report_selection *s, struct error *err)
{
    regex_t expression;
    if (s->ignore && regcomp(&expression, s->ignore, REG_EXTENDED | REG_NOSUB))
        return error_set(err, ERROR_USAGE, "--ignore: '%.200s' is no regular expression", s->ignore);
    r->selected = s->sort != SELECT_BYTES || s->top || s->min_share > 0 || s->only || s->focus || s->ignore;
    size_t kept = 0;
    for (size_t i = 0; i < r->pair_count; i++) {
        r->all_pairs[r->pairs[i].kind]++;
        if (is_wanted(r, s, s->ignore ? &expression : NULL, &r->pairs[i]))
            r->pairs[kept++] = r->pairs[i];
    }
    r->pair_count = kept;
    if (s->ignore)
        regfree(&expression);
    if (s->sort == SELECT_INSTANCES && r->pair_count)
        qsort(r->pairs, r->pair_count, sizeof *r->pairs, compare_instances);
    if (s->by != SELECT_BY_PAIR && !make_groups(r, s))
        return error_no_memory(err);
    if (s->top)
        cut(r, s->top);
    r->sorted_by = (uint8_t)s->sort;
    r->top = s->top;
    return true;
}
