#include "base/vec.h"

#include <stdint.h>
#include <stdlib.h>

bool vec_room(void **items, size_t *capacity, size_t count, size_t item_size)
{
    if (count < *capacity)
        return true;
    size_t want = *capacity ? *capacity * 2 : 16;
    if (want < *capacity || want > SIZE_MAX / item_size)
        return false;
    void *grown = realloc(*items, want * item_size);
    if (!grown)
        return false;
    *items = grown;
    *capacity = want;
    return true;
}
