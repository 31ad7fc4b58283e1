/* A program that keeps a log of its own objects.  Each event is a store to event_number, which shows in the trace when it happened;
 * the log itself is printed at the end. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NOINLINE __attribute__((noinline))

volatile int event_number;
int table[64];
static struct {
    char name[24];
    double value;
} records[8];

static struct event {
    const char *what, *name;
    uintptr_t address, size;
} events[4096];
static int event_count;
static size_t last_size; /* of the last event's */

static inline void event(const char *what, const void *address, uintptr_t size, const char *name)
{
    events[event_count] = (struct event){what, name, (uintptr_t)address, size};
    event_number = ++event_count;
    if (size)
        last_size = size;
}

static inline uintptr_t stack_pointer(void)
{
    uintptr_t sp;
    __asm__ volatile("global.get __stack_pointer\n\tlocal.set %0" : "=r"(sp));
    return sp;
}

static unsigned state = 12345;

static unsigned random_number(unsigned below)
{
    state = state * 1103515245 + 12345;
    return (state >> 8) % below;
}

/* Dead and silent stores, loads after loads and after stores. */
static NOINLINE void waste(volatile unsigned char *p, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        p[i] = (unsigned char)random_number(3);
        if (random_number(2))
            p[i] = (unsigned char)random_number(3);
        if (random_number(3) == 0)
            (void)p[i], (void)p[i];
    }
}

static NOINLINE void *small(void)
{
    size_t size = 1 + random_number(40);
    void *p = malloc(size);
    event("heap", p, size, "small");
    return p;
}

static NOINLINE void *zeroed(void)
{
    size_t size = 1 + random_number(30);
    void *p = calloc(size, 3);
    event("heap", p, 3 * size, "zeroed");
    return p;
}

static NOINLINE void *large(void)
{
    size_t size = 5000 + random_number(9000);
    void *p = malloc(size);
    event("heap", p, size, "large");
    return p;
}

static NOINLINE void *aligned(void)
{
    void *p = aligned_alloc(64, 128);
    event("heap", p, 128, "aligned");
    return p;
}

static NOINLINE void *posix(void)
{
    void *p = NULL;
    if (posix_memalign(&p, 32, 96) != 0)
        abort();
    event("heap", p, 96, "posix");
    return p;
}

static NOINLINE void *larger(void *old)
{
    size_t size = 50 + random_number(400);
    void *p = realloc(old, size);
    event("free", old, 0, "");
    event("heap", p, size, "larger");
    return p;
}

static NOINLINE void give_back(void *p)
{
    event("free", p, 0, "");
    free(p);
}

/* A call by way of a table. */
static void *(*volatile makers[])(void) = {small, zeroed, large, aligned, posix};
static void *(*volatile allocate)(size_t) = malloc;

static NOINLINE void *indirect(void)
{
    void *p = allocate(24);
    event("heap", p, 24, "indirect");
    return p;
}

static NOINLINE void inner(uintptr_t above, unsigned char *callers)
{
    unsigned char mine[48];
    uintptr_t sp = stack_pointer();
    event("stack", (void *)sp, above - sp, "inner");
    waste(mine, sizeof mine);
    waste(callers, 40);
    memset(callers, 1, 40);
    memset(callers, 2, 40);
    event("free", (void *)sp, 0, "");
}

static NOINLINE void outer(uintptr_t above)
{
    unsigned char mine[100];
    uintptr_t sp = stack_pointer();
    event("stack", (void *)sp, above - sp, "outer");
    waste(mine, sizeof mine);
    for (int i = 0; i < 3; i++)
        inner(sp, mine + 10);
    waste(mine, sizeof mine);
    event("free", (void *)sp, 0, "");
}

int main(void)
{
    static unsigned char scratch[200];
    static void *blocks[40];
    volatile char keep[16]; /* so that main has a frame */
    keep[0] = 0;
    event("static", table, sizeof table, "table");
    event("static", records, sizeof records, "records");
    event("static", scratch, sizeof scratch, "scratch");
    for (int round = 0; round < 300; round++) {
        unsigned at = random_number(40);
        if (blocks[at] && random_number(4) == 0) {
            blocks[at] = larger(blocks[at]);
        } else if (blocks[at]) {
            give_back(blocks[at]);
            blocks[at] = NULL;
        } else {
            unsigned maker = random_number(6);
            blocks[at] = maker == 5 ? indirect() : makers[maker]();
        }
        if (blocks[at])
            waste(blocks[at], last_size < 200 ? last_size : 200);
        waste((unsigned char *)table + random_number(sizeof table - 8), 8);
        waste((unsigned char *)records + random_number(sizeof records - 8), 8);
        waste(scratch + random_number(sizeof scratch - 8), 8);
        if (round % 50 == 0)
            outer(stack_pointer());
    }
    printf("%lu\n", (unsigned long)(uintptr_t)&event_number);
    for (int i = 0; i < event_count; i++)
        printf("%s %lu %lu %s\n", events[i].what, (unsigned long)events[i].address, (unsigned long)events[i].size,
               *events[i].name ? events[i].name : "-");
    return 0;
}
