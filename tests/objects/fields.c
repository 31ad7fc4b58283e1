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
}

static NOINLINE void byte(volatile char *p)
{
    *p = 1;
    *p = 2;
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
    return 0;
}
