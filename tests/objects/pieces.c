/* Optimised: structures whose members lie in places of their own, some in none.  forms.py knows what is wasted. */
struct sums {
    int hits, never;
    long long misses;
    int pair[2];
};

static struct sums sums;
volatile int bound = 50;
static volatile int out;

static __attribute__((noinline)) int seen(int i)
{
    return i & 1 ? sums.hits : 0;
}

void _start(void)
{
    int total = 0;
    for (int i = 0; i < bound; i++) {
        sums.hits = i;
        out = i;
        sums.misses = i * 3LL;
        total += seen(i);
    }
    out = (int)sums.misses + total;
}
