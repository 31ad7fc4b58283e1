#include "engine/turns.h"

/* The second run passes by the first part in about a fifth of the time that the first run needs for it, so with w of the work in the first
 * part both are over at the same time if w = w / 5 + 1 - w. */
static const double best = 1 / 1.8, good = 0.03, bearable = 0.2;

enum { FIRST_STEP = 32 };

void turn_marks_begin(struct turn_marks *m, double time)
{
    *m = (struct turn_marks){.step = FIRST_STEP, .began = time};
}

void turn_marks_add(struct turn_marks *m, uint64_t turn, double time)
{
    if (m->count == TURN_MARKS) { /* every other one stays */
        m->count /= 2;
        for (size_t i = 0; i < m->count; i++)
            m->marks[i] = m->marks[2 * i + 1];
        m->step *= 2;
    }
    m->marks[m->count++] = (struct turn_mark){turn, time};
}

/* The mark at which about so much time had passed, of those of one part; NULL if there is none. */
static const struct turn_mark *nearest(const struct turn_marks *m, double time)
{
    const struct turn_mark *found = NULL;
    for (size_t i = 0; i < m->count; i++) {
        double differ = m->marks[i].time - m->began - time;
        double old = found ? found->time - m->began - time : 0;
        if (!found || (differ < 0 ? -differ : differ) < (old < 0 ? -old : old))
            found = &m->marks[i];
    }
    return found;
}

uint64_t turn_marks_middle(const struct turn_marks *first, double first_ended, const struct turn_marks *second,
                           double second_ended, uint64_t now)
{
    double part = first_ended - first->began, all = part + (second ? second_ended - second->began : 0);
    if (all <= 0)
        return 0;
    double share = part / all;
    if (now && second && share > best - good && share < best + good)
        return now;
    bool in_first = !second || share >= best;
    const struct turn_marks *m = in_first ? first : second;
    double before = in_first ? 0 : part;
    const struct turn_mark *found = nearest(m, best * all - before);
    if (!found)
        return 0;
    double reached = (before + found->time - m->began) / all;
    return reached > best - bearable && reached < best + bearable ? found->turn : 0;
}
