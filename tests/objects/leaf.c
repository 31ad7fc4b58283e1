/* Wastes bytes on variables of functions that call nothing, compiled without optimisation; forms.py knows which. */
struct pair {
    int left, right;
};

int seen;

__attribute__((noinline)) int leaf(int n)
{
    struct pair p;
    int i = 0, rows[5];
    p.left = 1;
    p.left = 2;
    rows[3] = n;
    rows[3] = n + 1;
    return p.left + rows[3] + i;
}

/* One more parameter, and no array. */
__attribute__((noinline)) long long other(long long wide, int a, int b)
{
    long long kept = wide;
    kept = wide + 1;
    return kept + a + b;
}

/* A frame of its own, since it calls. */
__attribute__((noinline)) int outer(int n)
{
    int mine = n;
    mine = n + 1;
    return mine + leaf(n);
}

void _start(void)
{
    seen = outer(3) + (int)other(1, 2, 3);
}
