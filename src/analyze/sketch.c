#include "analyze/sketch.h"

/* How many numbers it takes to leave so many places empty, in the mean. */
static double expected(size_t size, size_t empty)
{
    double count = 0;
    for (size_t left = empty + 1; left <= size; left++)
        count += (double)size / (double)left;
    return count;
}

uint64_t sketch_count(const uint8_t *sketch, size_t size)
{
    double sum = 0, m = (double)size;
    size_t empty = 0;
    for (size_t i = 0; i < size; i++) {
        sum += 1 / (double)((uint64_t)1 << sketch[i]);
        empty += sketch[i] == 0;
    }
    double count = 0.709 * m * m / sum; /* the constant is that of 64 */
    if (count <= 2.5 * m && empty)
        count = expected(size, empty);
    return (uint64_t)(count + 0.5);
}
