/* Calls and next to nothing else, for what contexts cost: "fib", or "tree", a tree of functions that has 2^18 paths. */
#include <stdio.h>
#include <string.h>

static volatile unsigned sum;

__attribute__((noinline)) static unsigned fib(unsigned n)
{
    sum = sum + 1;
    return n < 2 ? n : fib(n - 1) + fib(n - 2);
}

__attribute__((noinline)) static void level18(void)
{
    sum = 1;
}

#define LEVEL(n, next)                                                                                                 \
    __attribute__((noinline)) static void level##n(void)                                                               \
    {                                                                                                                  \
        level##next();                                                                                                 \
        sum = 2;                                                                                                       \
        level##next();                                                                                                 \
    }
LEVEL(17, 18)
LEVEL(16, 17)
LEVEL(15, 16)
LEVEL(14, 15)
LEVEL(13, 14)
LEVEL(12, 13)
LEVEL(11, 12)
LEVEL(10, 11)
LEVEL(9, 10)
LEVEL(8, 9)
LEVEL(7, 8)
LEVEL(6, 7)
LEVEL(5, 6)
LEVEL(4, 5)
LEVEL(3, 4)
LEVEL(2, 3)
LEVEL(1, 2)
LEVEL(0, 1)

int main(int argc, char **argv)
{
    if (argc > 1 && strcmp(argv[1], "tree") == 0)
        for (int i = 0; i < 40; i++)
            level0();
    else
        printf("%u\n", fib(33));
}
