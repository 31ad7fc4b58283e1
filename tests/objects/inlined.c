/* Functions that are inlined, in one piece and in several; the only function with code, so that its unit has one range. */
struct cell {
    int left, right;
};

static struct cell cells[24];
#ifdef OTHER
int other_build;
#endif
static volatile int sink;

static inline __attribute__((always_inline)) int put(struct cell *c, int n)
{
    if (__builtin_expect(n > 10, 0)) {
        c->left = n;
        sink = n;
        c->left = sink;
    } else {
        c->right = n;
    }
    return n * 2;
}

static inline __attribute__((always_inline)) int put_two(struct cell *c, int n)
{
    int sum = put(c, n);
    for (int i = 0; i < 2; i++)
        sum += put(c + 1, n + i);
    return sum;
}

void _start(void)
{
    int sum = sink;
    for (int i = 0; i < 20; i++) {
        cells[i].right = sum;
        sum += put_two(&cells[i], i + sum);
        sink = sum;
    }
}
