/* Calling contexts. */
#include "report/build.h"

#include <stdlib.h>

bool build_contexts(struct build *b, const struct counters *counters, uint8_t *used)
{
    struct report *r = b->out;
    size_t count = 0;
    used[0] = 0;                                         /* outside of all functions: no context */
    for (size_t i = counters->context_count; i-- > 1;) { /* parents come first */
        if (used[i] && counters->contexts[i].parent)
            used[counters->contexts[i].parent] = 1;
        count += used[i];
    }
    r->contexts = calloc(count + 1, sizeof *r->contexts);
    bool ok = r->contexts != NULL;
    for (size_t i = 1; ok && i < counters->context_count; i++) {
        const struct context_node *from = &counters->contexts[i];
        if (!used[i])
            continue;
        struct report_context *to = &r->contexts[r->context_count++];
        *to = (struct report_context){.id = (uint32_t)i, .parent = from->parent};
        if (from->func != CONTEXT_NO_FUNC)
            ok = (to->function = build_func_name(b, from->func)) != NULL;
        ok = ok && build_side(b, from->site, &to->call);
    }
    return ok;
}

const struct report_context *report_context_find(const struct report *r, uint32_t id)
{
    size_t low = 0, high = r->context_count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (r->contexts[middle].id < id)
            low = middle + 1;
        else
            high = middle;
    }
    return low < r->context_count && r->contexts[low].id == id ? &r->contexts[low] : NULL;
}
