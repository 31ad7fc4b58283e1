/* Opaque calls (docs/semantics.md "The host"), and what else sweeps over entries. */
#include "analyze/location_state.h"
#include "base/vec.h"

#include <string.h>

/* Makes every state `state & keep`. */
static void sweep(struct slot_arena *slots, shadow_entry *entries, size_t count, shadow_entry keep)
{
    for (size_t i = 0; i < count; i++) {
        shadow_entry e = entries[i];
        if (entry_is_split(e)) {
            shadow_entry *slot = slot_at(slots, e);
            for (int byte = 0; byte < SHADOW_GRANULE; byte++)
                slot[byte] &= keep;
            slot_settle(slots, &entries[i], slot);
        } else if (e & ~keep) {
            entries[i] = e & keep;
        }
    }
}

static void sweep_all(struct shadow *s, shadow_entry keep)
{
    struct shadow_run run = {0};
    while (shadow_next_run(s, &run))
        sweep(&s->slots, run.entries, run.count, keep);
}

/* Sweeps the lines of a list and takes their mark away. */
static void sweep_lines(struct shadow *s, struct shadow_window *w, struct line_list *list, uint8_t mark,
                        shadow_entry keep)
{
    for (size_t i = 0; i < list->count; i++) {
        size_t line = list->lines[i];
        sweep(&s->slots, w->entries + line * SHADOW_LINE_ENTRIES, SHADOW_LINE_ENTRIES, keep);
        w->line_marks[line] &= (uint8_t)~mark;
    }
    list->count = 0;
}

static bool count_call(struct location_analysis *a, uint32_t func)
{
    size_t at = 0;
    while (at < a->opaque_count && a->opaque[at].func < func)
        at++;
    if (at < a->opaque_count && a->opaque[at].func == func) {
        a->opaque[at].calls++;
        return true;
    }
    if (!vec_room((void **)&a->opaque, &a->opaque_capacity, a->opaque_count, sizeof *a->opaque))
        return error_no_memory(a->err);
    memmove(&a->opaque[at + 1], &a->opaque[at], (a->opaque_count - at) * sizeof *a->opaque);
    a->opaque[at] = (struct opaque_count){.func = func, .calls = 1};
    a->opaque_count++;
    return true;
}

static bool start_tracking(struct location_analysis *a)
{
    if (a->shadow.tracking)
        return true;
    a->sweep_unread = a->sweep_touched = true;
    return shadow_track(&a->shadow, a->err);
}

bool barrier_enter(struct location_analysis *a, uint32_t func)
{
    struct shadow *s = &a->shadow;
    if (!start_tracking(a) || !count_call(a, func))
        return false;
    if (a->sweep_unread)
        sweep_all(s, ~ENTRY_UNREAD);
    a->sweep_unread = false;
    for (size_t i = 0; i < s->window_count; i++)
        sweep_lines(s, s->windows[i], &s->windows[i]->unread, LINE_UNREAD, ~ENTRY_UNREAD);
    return true;
}

bool barrier_leave(struct location_analysis *a)
{
    struct shadow *s = &a->shadow;
    if (!start_tracking(a))
        return false;
    if (a->sweep_touched)
        sweep_all(s, ENTRY_WRITER);
    a->sweep_touched = false;
    for (size_t i = 0; i < s->window_count; i++)
        sweep_lines(s, s->windows[i], &s->windows[i]->touched, LINE_TOUCHED, ENTRY_WRITER);
    return true;
}

static void add_unread(shadow_entry e, uint64_t bytes, struct unread *to)
{
    if (e & ENTRY_UNREAD)
        unread_add(to, entry_writer(e) >> 1, bytes);
}

void barrier_unread(const struct shadow *s, struct unread *to)
{
    struct shadow_run run = {0};
    while (shadow_next_run(s, &run)) {
        for (size_t i = 0; i < run.count; i++) {
            shadow_entry e = run.entries[i];
            if (!entry_is_split(e)) {
                add_unread(e, SHADOW_GRANULE, to);
                continue;
            }
            for (int byte = 0; byte < SHADOW_GRANULE; byte++)
                add_unread(slot_at(&s->slots, e)[byte], 1, to);
        }
    }
}
