/* What is kept of earlier runs, of any bytes: habits that may be used, or none. */
#include "api/habit_file.h"
#include "trace/planes.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

enum { MODULE_SIZE = 1000 };

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    FILE *stream = size ? fmemopen((void *)(uintptr_t)bytes, size, "rb") : NULL;
    if (!stream)
        return 0;
    struct habits h;
    habit_file_read(&h, stream, MODULE_SIZE);
    fclose(stream);
    for (size_t i = 0; i < h.count; i++) { /* all marks that a site's tables start with are there */
        const struct habit *habit = &h.by_site[i];
        if (habit->mixed.log2 && habit->kind != HABIT_VARIED) /* rows would be counted as the one mark of the others */
            abort();
        for (size_t n = 0; n < habit_marks(habit, true) && habit->kind != HABIT_COLD; n++) {
            mark m = h.marks[habit->marks + n];
            if (m && !mark_is_plain(m))
                abort();
        }
    }
    habits_release(&h);
    return 0;
}
