/* As many accesses as the argument says, in millions: sums over a table that is written now and then. */
#include <stdio.h>
#include <stdlib.h>

enum { COUNT = 4096 };

static unsigned table[COUNT];

int main(int argc, char **argv)
{
    long long accesses = (argc > 1 ? atoll(argv[1]) : 10) * 1000000;
    unsigned sum = 0;
    while (accesses > 0) {
        for (int i = 0; i < COUNT; i++)
            sum = sum * 3 + table[i];
        for (int i = 0; i < COUNT; i += 4)
            table[i] = sum + (unsigned)i;
        accesses -= COUNT + COUNT / 4;
    }
    printf("%u\n", sum);
}
