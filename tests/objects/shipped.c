/* Has an allocator and locals with names; forms.py runs it without names, which are in a file of their own. */
typedef unsigned long size_t;

static char heap[4096];
static size_t used;
static int table[16];

__attribute__((noinline)) void *malloc(size_t size)
{
    void *block = heap + used;
    used += (size + 15) / 16 * 16;
    return block;
}

static __attribute__((noinline)) int *fill(int value)
{
    volatile int *p = malloc(8);
    p[0] = value;
    p[0] = value + 1;
    table[value & 15] = p[0];
    return (int *)p;
}

static __attribute__((noinline)) void touch(volatile int *at, int n)
{
    *at = n;
    *at = n + 1;
}

static __attribute__((noinline)) int walk(volatile int *at, int n)
{
    int frame[4];
    touch(&frame[1], n);
    return frame[1] + *at;
}

void _start(void)
{
    for (int i = 0; i < 20; i++)
        table[0] += walk(fill(i), i);
}
