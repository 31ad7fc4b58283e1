/* vec.h: room for one more element in an array that its owner frees with free().
 *
 *     if (!vec_room((void **)&v->items, &v->capacity, v->count, sizeof *v->items)) return error_no_memory(err);
 *     v->items[v->count++] = item;  */
#ifndef MT_BASE_VEC_H
#define MT_BASE_VEC_H

#include <stdbool.h>
#include <stddef.h>

/* Makes sure that (*items)[count] exists; doubles the array when it does not.  False when memory is short: the array
 * is then as it was. */
bool vec_room(void **items, size_t *capacity, size_t count, size_t item_size);

#endif
