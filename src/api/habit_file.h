/* habit_file.h: what is known of a module's instructions (trace/habit.h), kept from one run to the next in the user's cache,
 * so that the code beside each suits it.  What a report says never depends on it. */
#ifndef MT_API_HABIT_FILE_H
#define MT_API_HABIT_FILE_H

#include "trace/habit.h"

#include <stdio.h>

/* Looks for what is known of the module; any trouble means that nothing is.  Release in either case. */
void habit_file_load(struct habits *h, const uint8_t *module, size_t size);

/* Keeps these instead.  Trouble is ignored. */
void habit_file_save(const uint8_t *module, size_t size, const struct habits *h);

/* The same from a file's content, of a module of so many bytes. */
void habit_file_read(struct habits *h, FILE *stream, size_t module_size);

void habits_release(struct habits *h);

#endif
