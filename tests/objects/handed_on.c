/* Has functions that hand on what others allocate: all calls of one are inlined, some of another, and one is called as Zig calls its own.
 * forms.py looks whose blocks they are. */
typedef unsigned long size_t;

static char heap[1 << 14];
static size_t used;

__attribute__((noinline)) void *malloc(size_t size)
{
    void *block = heap + used;
    used += (size + 15) / 16 * 16;
    return block;
}

static inline __attribute__((always_inline)) void *checked(size_t size)
{
    void *block = malloc(size);
    if (!block)
        __builtin_trap();
    return block;
}

static inline __attribute__((always_inline)) void *create(size_t size) __asm__("mem.Allocator.create");
static inline __attribute__((always_inline)) void *create(size_t size)
{
    return checked(size);
}

void *grow(size_t size)
{
    return checked(size * 2);
}

__attribute__((noinline)) static void waste(volatile int *at, int value)
{
    *at = value;
    *at = value + 1;
}

static inline __attribute__((always_inline)) void *make_name(int size)
{
    return checked((size_t)size);
}

static inline __attribute__((always_inline)) void *make_id(void)
{
    return create(8);
}

__attribute__((noinline)) static void *make_table(int size)
{
    return grow((size_t)size);
}

void _start(void)
{
    for (int i = 1; i < 8; i++) {
        waste(make_name(i * 8), i);
        waste(make_id(), i);
        waste(make_table(i), i);
        waste(make_table(i + 1), i);
    }
}
