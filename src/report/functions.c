#include "report/functions.h"

#include "base/order.h"
#include "base/vec.h"
#include "report/function_name.h"

#include <stdlib.h>
#include <string.h>

struct functions {
    struct function *items; /* distinct, sorted: function_compare */
    size_t count, capacity;
    struct strings *strings; /* names, and labels */
};

const char *function_plain_name(struct strings *s, const char *name)
{
    if (function_name_is_plain(name))
        return name;
    struct buf plain;
    buf_init(&plain, SIZE_MAX / 2);
    const char *kept = function_name_put(&plain, name) ? strings_intern(s, (const char *)plain.data, plain.size) : NULL;
    buf_release(&plain);
    return kept;
}

bool function_of_side(struct strings *s, const struct report_side *side, uint32_t frame, struct function *f)
{
    *f = (struct function){.name = side->origin == ORIGIN_INIT ? "init" : "host", .func = UINT32_MAX};
    if (side->origin != ORIGIN_SITE)
        return true;
    const struct report_frame *at = frame < side->frame_count ? &side->frames[frame] : NULL;
    f->name = at && at->function ? at->function : *side->name ? side->name : "outside";
    bool outermost = frame + 1 >= side->frame_count;
    f->file = at && at->home ? at->home : outermost && side->home ? side->home : at ? at->file : NULL;
    if (!f->file && outermost)
        f->func = side->func;
    f->name = function_plain_name(s, f->name);
    return f->name != NULL;
}

int function_compare(const struct function *a, const struct function *b)
{
    int order = a->name == b->name ? 0 : strcmp(a->name, b->name);
    order = order ? order : compare_text(a->file, b->file);
    return order ? order : compare_u64(a->func, b->func);
}

bool functions_name_side(struct functions *f, const struct report_side *side, uint32_t frame, struct function *one)
{
    return function_of_side(f->strings, side, frame, one);
}

static int compare_items(const void *left, const void *right)
{
    return function_compare(left, right);
}

/* Sides that share their frames, or have none and are in one function, name the same functions. */
static int compare_sides(const void *left, const void *right)
{
    const struct report_side *const *a = left, *const *b = right;
    int order = compare_u64((uintptr_t)(*a)->frames, (uintptr_t)(*b)->frames);
    order = order ? order : compare_u64((uintptr_t)(*a)->name, (uintptr_t)(*b)->name);
    order = order ? order : compare_u64((uintptr_t)(*a)->home, (uintptr_t)(*b)->home);
    return order ? order : compare_u64((*a)->func, (*b)->func);
}

static bool add_side(struct functions *f, const struct report_side *side)
{
    for (uint32_t i = 0; i == 0 || i < side->frame_count; i++) {
        if (!vec_room((void **)&f->items, &f->capacity, f->count, sizeof *f->items) ||
            !function_of_side(f->strings, side, i, &f->items[f->count]))
            return false;
        f->count++;
    }
    return true;
}

static void drop_alike(struct functions *f)
{
    size_t kept = 0;
    if (f->count)
        qsort(f->items, f->count, sizeof *f->items, compare_items);
    for (size_t i = 0; i < f->count; i++)
        if (!kept || function_compare(&f->items[kept - 1], &f->items[i]) != 0)
            f->items[kept++] = f->items[i];
    f->count = kept;
}

struct functions *functions_of(const struct report *r)
{
    struct functions *f = calloc(1, sizeof *f);
    const struct report_side **sides = calloc(2 * r->pair_count + r->context_count + 1, sizeof(struct report_side *));
    bool ok = f && sides && (f->strings = strings_new());
    size_t count = 0;
    for (size_t i = 0; ok && i < r->pair_count; i++) {
        if (r->pairs[i].first.origin == ORIGIN_SITE)
            sides[count++] = &r->pairs[i].first;
        sides[count++] = &r->pairs[i].second;
    }
    for (size_t i = 0; ok && i < r->context_count; i++)
        if (r->contexts[i].call.loc)
            sides[count++] = &r->contexts[i].call;
    if (count)
        qsort(sides, count, sizeof *sides, compare_sides);
    for (size_t i = 0; ok && i < count; i++)
        if (!i || compare_sides(&sides[i - 1], &sides[i]) != 0)
            ok = add_side(f, sides[i]);
    free(sides);
    if (ok) {
        drop_alike(f);
        return f;
    }
    functions_free(f);
    return NULL;
}

void functions_free(struct functions *f)
{
    if (!f)
        return;
    free(f->items);
    strings_free(f->strings);
    free(f);
}

/* Those of the name: from *first on; how many. */
static size_t find_name(const struct functions *f, const char *name, size_t *first)
{
    size_t low = 0, high = f->count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (strcmp(f->items[middle].name, name) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    *first = low;
    while (high < f->count && strcmp(f->items[high].name, name) == 0)
        high++;
    return high - low;
}

static bool is_separator(char c)
{
    return c == '/' || c == '\\'; /* paths of Windows may have either */
}

size_t path_shared_end(const char *a, const char *b)
{
    size_t x = strlen(a), y = strlen(b), shared = 0;
    for (size_t n = 1; n <= x && n <= y && a[x - n] == b[y - n]; n++) {
        bool part_of_a = n == x || is_separator(a[x - n - 1]), part_of_b = n == y || is_separator(b[y - n - 1]);
        if (part_of_a && part_of_b)
            shared = n;
    }
    return shared;
}

const char *functions_tail(const struct functions *f, const struct function *one)
{
    if (!one->file)
        return NULL;
    size_t first, count = find_name(f, one->name, &first), size = strlen(one->file), shared = 0;
    for (size_t i = first; i < first + count; i++) {
        const char *other = f->items[i].file;
        size_t end = other && strcmp(other, one->file) != 0 ? path_shared_end(one->file, other) : 0;
        shared = end > shared ? end : shared;
    }
    const char *tail = one->file + size - shared;
    if (shared && tail > one->file) /* to the separator */
        tail--;
    while (tail > one->file && !is_separator(tail[-1]))
        tail--;
    return tail;
}

bool functions_is_single(const struct functions *f, const struct function *one)
{
    size_t first;
    return find_name(f, one->name, &first) < 2;
}

const char *functions_label(struct functions *f, const char *name, const struct function *one)
{
    if (functions_is_single(f, one) || (!one->file && one->func == UINT32_MAX))
        return name;
    struct buf text;
    buf_init(&text, SIZE_MAX / 2);
    if (one->file)
        buf_printf(&text, "%s (%s)", name, functions_tail(f, one));
    else
        buf_printf(&text, "%s (func[%u])", name, (unsigned)one->func);
    const char *label = text.failed ? NULL : strings_intern(f->strings, (const char *)text.data, text.size);
    buf_release(&text);
    return label;
}
