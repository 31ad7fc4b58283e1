/* turns.h: when a program's turns (trace/halves.h) were, and so at which turn two runs of it would best share the work. */
#ifndef MT_ENGINE_TURNS_H
#define MT_ENGINE_TURNS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { TURN_MARKS = 512 };

/* Moments of a run that keeps planes, in their order, about as many turns apart. */
struct turn_marks {
    struct turn_mark {
        uint64_t turn;
        double time; /* run_clock */
    } marks[TURN_MARKS];
    size_t count;
    uint64_t step; /* turns from one to the next; the caller's to obey */
    double began;  /* when the run began to keep planes */
};

void turn_marks_begin(struct turn_marks *m, double time);
void turn_marks_add(struct turn_marks *m, uint64_t turn, double time);

/* Of a whole run (`second` NULL), or the two parts of one, which ended at these times: the turn from which a second run had better keep
 * planes, 0 if there is no good one; `now`, if not 0, is what it was and stays, if it is good enough. */
uint64_t turn_marks_middle(const struct turn_marks *first, double first_ended, const struct turn_marks *second,
                           double second_ended, uint64_t now);

#endif
