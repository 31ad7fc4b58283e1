/* habit_file.h: what is known of a module's instructions (trace/habit.h), kept from one run to the next in the user's cache,
 * so that the code beside each suits it.  What a report says never depends on it. */
#ifndef MT_API_HABIT_FILE_H
#define MT_API_HABIT_FILE_H

#include "trace/habit.h"

#include <stddef.h>

/* By site, in the order of the site table. */
struct habit_file {
    struct habit *habits;
    size_t count; /* 0: nothing is known */
};

/* Looks for what is known of the module; any trouble means that nothing is.  Release in either case. */
void habit_file_load(struct habit_file *f, const uint8_t *module, size_t size);
void habit_file_release(struct habit_file *f);

/* Keeps these instead.  Trouble is ignored. */
void habit_file_save(const uint8_t *module, size_t size, const struct habit *habits, size_t count);

#endif
