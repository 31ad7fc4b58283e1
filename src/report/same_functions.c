#include "report/same_functions.h"

#include "base/order.h"

#include <stdlib.h>
#include <string.h>

enum { ALIKE_MAX = 64 }; /* files with functions of one name, `main` say, that are compared with each other */

/* A file of either report. */
struct file {
    const char *path;
    bool in_old, in_new;
    uint32_t functions; /* distinct names */
    const char *same;   /* of an old file: the new one that it has become, else itself */
};

/* An old file and a new one that share functions. */
struct candidate {
    uint32_t old, new; /* of the files */
    uint32_t shared;   /* functions */
    uint32_t end;      /* parts of the path that are the same from the end */
};

struct files {
    struct file *items; /* sorted by path */
    size_t count;
    struct candidate *candidates;
    size_t candidate_count, capacity;
};

static int compare_functions(const void *left, const void *right)
{
    const struct same_function *a = left, *b = right;
    int order = function_compare(&a->function, &b->function);
    return order ? order : a->is_new - b->is_new;
}

static int compare_files(const void *left, const void *right)
{
    return strcmp(((const struct file *)left)->path, ((const struct file *)right)->path);
}

static struct file *find_file(const struct files *f, const char *path)
{
    const struct file key = {.path = path};
    return bsearch(&key, f->items, f->count, sizeof *f->items, compare_files);
}

static bool is_same_name(const struct same_function *a, const struct same_function *b)
{
    return strcmp(a->function.name, b->function.name) == 0;
}

/* Whether an item is about another function, or from the other report, than the one before it. */
static bool is_first(const struct same_function *items, size_t i)
{
    return !i || compare_functions(&items[i - 1], &items[i]) != 0;
}

static bool collect_files(struct files *f, const struct same_function *items, size_t count)
{
    f->items = calloc(count + 1, sizeof *f->items);
    if (!f->items)
        return false;
    for (size_t i = 0; i < count; i++)
        if (items[i].function.file && is_first(items, i))
            f->items[f->count++] =
                (struct file){items[i].function.file, !items[i].is_new, items[i].is_new, 1, items[i].function.file};
    if (f->count)
        qsort(f->items, f->count, sizeof *f->items, compare_files);
    size_t kept = 0;
    for (size_t i = 0; i < f->count; i++) {
        if (!kept || compare_files(&f->items[kept - 1], &f->items[i]) != 0) {
            f->items[kept++] = f->items[i];
            continue;
        }
        f->items[kept - 1].in_old |= f->items[i].in_old;
        f->items[kept - 1].in_new |= f->items[i].in_new;
        f->items[kept - 1].functions++;
    }
    f->count = kept;
    return true;
}

static uint32_t parts_of(const char *text)
{
    uint32_t parts = *text != '\0';
    for (; *text; text++)
        parts += (*text == '/' || *text == '\\') && text[1];
    return parts;
}

static bool add_candidate(struct files *f, const struct file *old, const struct file *new)
{
    if (f->candidate_count == f->capacity) {
        size_t capacity = f->capacity ? 2 * f->capacity : 64;
        struct candidate *all = reallocarray(f->candidates, capacity, sizeof *all);
        if (!all)
            return false;
        f->candidates = all;
        f->capacity = capacity;
    }
    f->candidates[f->candidate_count++] =
        (struct candidate){(uint32_t)(old - f->items), (uint32_t)(new - f->items), 1, 0};
    return true;
}

/* Each old file with each new one among functions of one name, those left out that are in both reports. */
static bool add_candidates(struct files *f, const struct same_function *items, size_t first, size_t end)
{
    const struct file *old[ALIKE_MAX], *new[ALIKE_MAX];
    size_t old_count = 0, new_count = 0;
    for (size_t i = first; i < end; i++) {
        const struct file *file = items[i].function.file ? find_file(f, items[i].function.file) : NULL;
        if (!file || !is_first(items, i) || (file->in_old && file->in_new))
            continue;
        if (items[i].is_new && new_count < ALIKE_MAX)
            new[new_count++] = file;
        else if (!items[i].is_new && old_count < ALIKE_MAX)
            old[old_count++] = file;
    }
    for (size_t i = 0; i < old_count; i++)
        for (size_t k = 0; k < new_count; k++)
            if (!add_candidate(f, old[i], new[k]))
                return false;
    return true;
}

static int compare_candidates(const void *left, const void *right)
{
    const struct candidate *a = left, *b = right;
    int order = compare_u64(a->old, b->old);
    return order ? order : compare_u64(a->new, b->new);
}

/* The best first. */
static int compare_ranks(const void *left, const void *right)
{
    const struct candidate *a = left, *b = right;
    int order = compare_u64(b->end, a->end);
    order = order ? order : compare_u64(b->shared, a->shared);
    return order ? order : compare_candidates(left, right);
}

/* Candidates, each once, the best first. */
static void rank_candidates(struct files *f)
{
    size_t kept = 0;
    if (!f->candidate_count)
        return;
    qsort(f->candidates, f->candidate_count, sizeof *f->candidates, compare_candidates);
    for (size_t i = 0; i < f->candidate_count; i++) {
        if (kept && compare_candidates(&f->candidates[kept - 1], &f->candidates[i]) == 0)
            f->candidates[kept - 1].shared++;
        else
            f->candidates[kept++] = f->candidates[i];
    }
    f->candidate_count = kept;
    for (size_t i = 0; i < kept; i++) {
        struct candidate *c = &f->candidates[i];
        const char *old = f->items[c->old].path, *new = f->items[c->new].path;
        c->end = parts_of(old + strlen(old) - path_shared_end(old, new));
    }
    qsort(f->candidates, kept, sizeof *f->candidates, compare_ranks);
}

/* Each file moves once. */
static void move_files(struct files *f)
{
    rank_candidates(f);
    for (size_t i = 0; i < f->candidate_count; i++) {
        const struct candidate *c = &f->candidates[i];
        struct file *old = &f->items[c->old], *new = &f->items[c->new];
        uint32_t fewer = old->functions < new->functions ? old->functions : new->functions;
        if (!old->in_new && !new->in_old && (c->end > 1 || 2 * c->shared > fewer)) {
            old->same = new->path;
            old->in_new = new->in_old = true;
        }
    }
}

/* The only function of its name in the other report, or NULL. */
static const struct same_function *only_one(const struct same_function *items, size_t first, size_t end, bool is_new)
{
    const struct same_function *found = NULL;
    for (size_t i = first; i < end; i++) {
        if (items[i].is_new != is_new)
            continue;
        if (found && function_compare(&found->function, &items[i].function) != 0)
            return NULL;
        found = &items[i];
    }
    return found;
}

/* Of one name: those without a file get that of the only one in the other report; indices are no help behind a build. */
static void fill_files(struct same_function *items, size_t first, size_t end)
{
    const struct same_function *old = only_one(items, first, end, false), *new = only_one(items, first, end, true);
    const char *file_of_old = old ? old->function.file : NULL, *file_of_new = new ? new->function.file : NULL;
    for (size_t i = first; i < end; i++) {
        struct function *f = &items[i].function;
        f->func = UINT32_MAX;
        if (!f->file)
            f->file = items[i].is_new ? file_of_old : file_of_new;
    }
}

static size_t end_of_name(const struct same_function *items, size_t first, size_t count)
{
    size_t end = first + 1;
    while (end < count && is_same_name(&items[first], &items[end]))
        end++;
    return end;
}

bool same_functions_number(struct same_function *items, size_t count)
{
    struct files f = {0};
    if (count)
        qsort(items, count, sizeof *items, compare_functions);
    bool ok = collect_files(&f, items, count);
    for (size_t i = 0, end; ok && i < count; i = end) {
        end = end_of_name(items, i, count);
        ok = add_candidates(&f, items, i, end);
    }
    if (ok)
        move_files(&f);
    for (size_t i = 0; ok && i < count; i++)
        if (items[i].function.file && !items[i].is_new)
            items[i].function.file = find_file(&f, items[i].function.file)->same;
    for (size_t i = 0, end; ok && i < count; i = end) {
        end = end_of_name(items, i, count);
        fill_files(items, i, end);
    }
    if (ok && count)
        qsort(items, count, sizeof *items, compare_functions);
    uint32_t number = 0;
    for (size_t i = 0; ok && i < count; i++) {
        number += i && function_compare(&items[i - 1].function, &items[i].function) != 0;
        *items[i].number = number;
    }
    free(f.items);
    free(f.candidates);
    return ok;
}
