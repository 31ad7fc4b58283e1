#include "report/suppress.h"

#include "base/vec.h"
#include "report/strings.h"

#include <stdlib.h>
#include <string.h>

static bool side_fits_line(const struct report_side *side, const struct suppression *s, unsigned key)
{
    for (uint32_t i = 0; i < side->frame_count; i++) {
        const struct report_frame *f = &side->frames[i];
        const uint32_t *lines = s->lines[key];
        if (f->file && pattern_fits_file(s->patterns[key], f->file) &&
            (!lines[0] || (f->line >= lines[0] && f->line <= lines[1])))
            return true;
        if (f->home && !lines[0] && pattern_fits_file(s->patterns[key], f->home))
            return true;
    }
    return side->home && !s->lines[key][0] && pattern_fits_file(s->patterns[key], side->home);
}

static bool side_fits(const struct report_side *side, const struct suppression *s, unsigned key)
{
    if (key >= SUPPRESS_LINE)
        return side_fits_line(side, s, key);
    const struct report_frame *own = report_own_frame(side);
    if (key >= SUPPRESS_OWN && own && own->function)
        return pattern_fits_function(&s->functions[key], own->function);
    return pattern_fits_side(&s->functions[key], side);
}

static bool fits(const struct suppression *s, const struct report_pair *p)
{
    const char *kind = s->patterns[SUPPRESS_KIND], *what = s->patterns[SUPPRESS_CLASS];
    if (kind && !pattern_fits(kind, report_kind_name(p->kind)))
        return false;
    if (what && !pattern_fits(what, report_class_name((enum pair_class)p->what)))
        return false;
    for (unsigned key = SUPPRESS_FUNCTION; key <= SUPPRESS_LINE; key += SUPPRESS_OWN - SUPPRESS_FUNCTION) {
        if (s->patterns[key] && !side_fits(&p->first, s, key) && !side_fits(&p->second, s, key))
            return false;
        if (s->patterns[key + 1] && !side_fits(&p->first, s, key + 1))
            return false;
        if (s->patterns[key + 2] && !side_fits(&p->second, s, key + 2))
            return false;
    }
    return true;
}

bool suppress_add(struct report *r, const char *name, bool baseline)
{
    struct report_suppressed *all = reallocarray(r->suppressed, r->suppressed_count + 1, sizeof *all);
    if (!all)
        return false;
    r->suppressed = all;
    all[r->suppressed_count] =
        (struct report_suppressed){.name = strings_intern(r->strings, name, strlen(name)), .baseline = baseline};
    if (!all[r->suppressed_count].name)
        return false;
    r->suppressed_count++;
    return true;
}

void suppress_drop(struct report *r, size_t (*which)(const void *self, const struct report_pair *p, size_t index),
                   const void *self)
{
    size_t kept = 0;
    for (size_t i = 0; i < r->pair_count; i++) {
        const struct report_pair *p = &r->pairs[i];
        size_t entry = which(self, p, i);
        if (entry >= r->suppressed_count) {
            r->pairs[kept++] = *p;
            continue;
        }
        struct report_class *sum = &r->suppressed[entry].sums[p->kind];
        sum->pairs++;
        sum->instances += p->instances;
        sum->bytes += p->bytes;
    }
    r->pair_count = kept;
}

struct drop {
    const struct suppressions *s;
    size_t base; /* the report's entry for the first of them */
};

static size_t find_entry(const void *self, const struct report_pair *p, size_t index)
{
    const struct drop *d = self;
    (void)index;
    for (size_t i = 0; i < d->s->count; i++)
        if (fits(&d->s->entries[i], p))
            return d->base + i;
    return SIZE_MAX;
}

bool suppress_pairs(struct report *r, struct suppressions *s)
{
    const struct drop d = {s, r->suppressed_count};
    for (size_t i = 0; i < s->count; i++) {
        for (unsigned key = SUPPRESS_FUNCTION; key < SUPPRESS_LINE; key++)
            if (s->entries[i].patterns[key])
                s->entries[i].functions[key] = pattern_of(r, s->entries[i].patterns[key]);
        if (!suppress_add(r, s->entries[i].name, false))
            return false;
    }
    suppress_drop(r, find_entry, &d);
    return true;
}

struct report_class report_suppressed_sum(const struct report *r, unsigned kind)
{
    struct report_class sum = {0};
    for (size_t i = 0; i < r->suppressed_count; i++) {
        const struct report_class *c = &r->suppressed[i].sums[kind];
        sum.pairs += c->pairs;
        sum.instances += c->instances;
        sum.bytes += c->bytes;
    }
    return sum;
}
