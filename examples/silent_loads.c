/* Redundant loads: values that the program had loaded before, with no store between.
 *
 * count_letter() reads the whole text for each letter of the alphabet, where one pass could count them all.  scale()
 * loads the factor through a pointer for each item, since for all that the compiler knows the items might overlap it; a
 * local variable in front of the loop would save that. */
#include <stdint.h>
#include <stdio.h>

#define NOINLINE __attribute__((noinline))

enum { ITEMS = 256, ROUNDS = 20 };

static const char text[] = "the quick brown fox jumps over the lazy dog, and the dog does not mind it at all; "
                           "after a while the fox lies down as well, and both of them sleep until the evening";
static int32_t items[ITEMS];
static int32_t factor;

NOINLINE static int count_letter(const char *s, char letter)
{
    int count = 0;
    for (; *s != '\0'; s++)
        count += *s == letter; /* the waste: 26 times the same text */
    return count;
}

/* Not static: a compiler that sees every call knows that these pointers do not overlap. */
void scale(int32_t *values, int count, const int32_t *by);

NOINLINE void scale(int32_t *values, int count, const int32_t *by)
{
    for (int i = 0; i < count; i++)
        values[i] = (i + values[i] * *by) % 10007; /* the waste: *by never changes */
}

int main(int argc, char **argv)
{
    (void)argv;
    factor = argc + 2;
    for (int round = 0; round < ROUNDS; round++)
        scale(items, ITEMS, &factor);
    int64_t sum = 0;
    for (int i = 0; i < ITEMS; i++)
        sum += items[i];

    int letters = 0;
    for (char letter = 'a'; letter <= 'z'; letter++)
        letters += count_letter(text, letter);
    printf("%d letters, sum %lld\n", letters, (long long)sum);
    return 0;
}
