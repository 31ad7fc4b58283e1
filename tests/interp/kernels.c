/* Programs without imports for the interpreter that the trace is compared with: sorting, a checksum, text, a small matrix
 * product, a linked list.  KERNEL picks one.  build.sh makes the modules. */
typedef unsigned char u8;
typedef unsigned int u32;
typedef unsigned long long u64;

static u32 seed = 1;

static u32 next(void)
{
    seed = seed * 1103515245 + 12345;
    return seed >> 8;
}

#if KERNEL == 1
static int numbers[200];

static void sort(int *a, int n)
{
    while (n > 1) {
        int pivot = a[n / 2], i = 0, j = n - 1;
        for (;; i++, j--) {
            while (a[i] < pivot)
                i++;
            while (a[j] > pivot)
                j--;
            if (i >= j)
                break;
            int t = a[i];
            a[i] = a[j];
            a[j] = t;
        }
        sort(a, i);
        a += i;
        n -= i;
    }
}

void _start(void)
{
    for (int i = 0; i < 200; i++)
        numbers[i] = (int)(next() % 1000) - 500;
    sort(numbers, 200);
}
#elif KERNEL == 2
static u32 table[256];
static u8 bytes[1000];
volatile u32 result;

void _start(void)
{
    for (u32 i = 0; i < 256; i++) {
        u32 c = i;
        for (int k = 0; k < 8; k++)
            c = c & 1 ? 0xedb88320u ^ (c >> 1) : c >> 1;
        table[i] = c;
    }
    for (int i = 0; i < 1000; i++)
        bytes[i] = (u8)next();
    u32 crc = ~0u;
    for (int i = 0; i < 1000; i++)
        crc = table[(crc ^ bytes[i]) & 0xff] ^ (crc >> 8);
    result = ~crc;
}
#elif KERNEL == 3
static char text[512], upper[512];
static unsigned short counts[128];
volatile long long total;

void _start(void)
{
    for (int i = 0; i < 511; i++)
        text[i] = (char)('a' + next() % 26);
    for (int i = 0; text[i]; i++)
        upper[i] = (char)(text[i] - 32);
    for (int i = 0; upper[i]; i++)
        counts[(u8)upper[i]]++;
    for (int i = 0; i < 128; i++)
        total += (signed char)text[i] * counts[i];
}
#elif KERNEL == 4
static double a[8][8], b[8][8];
static float c[8][8];

void _start(void)
{
    for (int i = 0; i < 8; i++)
        for (int j = 0; j < 8; j++) {
            a[i][j] = i / 3.0 - j;
            b[i][j] = i * 0.1 + j;
        }
    for (int i = 0; i < 8; i++)
        for (int j = 0; j < 8; j++) {
            double s = 0;
            for (int k = 0; k < 8; k++)
                s += a[i][k] * b[k][j];
            c[i][j] = (float)s;
        }
}
#else
struct node {
    struct node *next;
    u64 value;
    u8 tag;
};

static struct node nodes[64];
volatile u64 sum;

void _start(void)
{
    struct node *head = 0;
    for (int i = 0; i < 64; i++) {
        nodes[i].next = head;
        nodes[i].value = next();
        nodes[i].tag = (u8)i;
        head = &nodes[i];
    }
    for (struct node *n = head; n; n = n->next)
        if (n->tag & 1)
            sum += n->value;
}
#endif
