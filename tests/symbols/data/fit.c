/* Functions that are inlined into each other, one that nobody calls, and some that are like others, for fit.py.  Each store is silent or
 * dead soon, so that reports name it.  FIT_OTHER: the same, but for more functions in front. */
#define KEEP __attribute__((noinline))
#define INTO static inline __attribute__((always_inline))

volatile unsigned table[64], seen, last, sum;

INTO void mix(unsigned v) {
    seen = v;
    seen = v + 1;
}

INTO void put(unsigned at, unsigned v) {
    table[at & 63] = v;
    mix(v);
    last = v;
}

KEEP static void count(unsigned v) {
    put(v, seen);
    put(v + 1, sum);
}

KEEP static void clear(void) {
    for (unsigned i = 0; i < 64; i++)
        table[i] = 0;
}

KEEP static void fill(unsigned v) {
    for (unsigned i = 0; i < 64; i++)
        put(i, v);
}

void never(unsigned *at) {
    put(3, 4);
    at[0] = at[1];
    at[1] = at[2] * 3;
    at[2] = at[3] + 5;
    at[3] = at[4] ^ 7;
    put(at[4], at[5]);
}

__attribute__((export_name("_start"))) void entry(void) {
    for (unsigned i = 0; i < 5; i++) {
        count(i & 3);
        clear();
        fill(7);
        last = sum;
    }
}
