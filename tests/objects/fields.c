/* Wastes one byte or more on each of some fields, whose names run.py knows. */
#define NOINLINE __attribute__((noinline))

struct item {
    char name[24];
    double value;
    short a, b;
    char c;
    unsigned flag : 3;
    unsigned other : 9;
};

struct config {
    int version;
    char kind, mode;
    struct {
        int x, y;
    } pos;
    struct item items[3];
    union {
        int i;
        float f;
    } either;
    struct item *next;
};

struct config config, *volatile other = &config;
static struct item table[1000];
static struct {
    struct {
        struct item deep[20];
    } in[2];
} nest;
static char plain[100];
static int number;
static struct {
    char text[3];
} narrow[50];

static NOINLINE void word(volatile int *p)
{
    *p = 1;
    *p = 2;
    (void)*p;
}

static NOINLINE void byte(volatile char *p)
{
    *p = 1;
    *p = 2;
    (void)*p;
}

/* Frames of one function in each other; what is behind its variables in the caller's are others'. */
static NOINLINE void frame(int depth)
{
    struct config mine;
    char text[20];
    word(&mine.version);
    byte(&text[3]);
    if (depth)
        frame(depth - 1);
    word((int *)&mine.items[1].value);
}

/* What it allocates on the stack is in none of its variables. */
static NOINLINE void moving(int size)
{
    int fixed[4];
    char *p = __builtin_alloca(size);
    word(&fixed[1]);
    byte(p);
    byte(p + size - 1);
    word(&fixed[3]);
}

/* Two that live one after the other, perhaps in one place: then neither has a name. */
static NOINLINE void one_after_another(void)
{
    {
        int first[8];
        word(&first[2]);
    }
    {
        int second[8];
        word(&second[2]);
    }
}

int main(void)
{
    struct config *c = other;
    word(&c->version);
    byte(&c->kind);
    byte(&c->mode);
    word(&c->pos.y);
    byte(&c->items[2].name[5]);
    word((int *)&c->items[1].value);
    byte((char *)&c->items[0].b);
    byte(&c->items[0].c);
    word(&c->either.i);
    word((int *)&c->next);
    for (int i = 0; i < 1000; i++) {
        word((int *)&table[i].value);
        byte(table[i].name);
    }
    word((int *)&nest.in[1].deep[19].value);
    word((int *)&plain[8]);
    word(&number);
    byte(narrow[7].text);
    frame(2);
    moving(64);
    moving(480);
    one_after_another();
    return 0;
}
