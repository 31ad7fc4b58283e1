// Wastes four bytes on each of some fields, which forms.py knows, in variables of C++ that debug information describes in other words
// from form to form.
#define NOINLINE __attribute__((noinline))

struct point {
    int x, y;
};

struct empty {};

struct base {
    int first;
    char small; // the tail of a base that has a constructor holds what is derived
    base() : first(0) {}
};

struct shape : empty, base {
    char tail;
    int area;
    point corner;
    static int made; // has a place of its own
    virtual ~shape() {}
};

struct solid : shape {
    int height;
    unsigned low : 12, high : 4;
    union {
        int number;
        char text[12];
    };
    point *next;
};

namespace shop {
struct item {
    int id;
    double price;
    point at[2];
};
item table[40], two[2], boxes[2][1][3], rows[20][2];
static int *list[3];
int grid[3][4];
} // namespace shop

int shape::made;
solid ball;
solid *volatile away = &ball;
void operator delete(void *, unsigned long) noexcept {}

static NOINLINE void word(volatile void *at)
{
    auto p = static_cast<volatile int *>(at);
    *p = 1;
    *p = 2;
    (void)*p;
}

extern "C" void _start()
{
    solid *s = away;
    word(&s->first);
    word(&s->area);
    word(&s->corner.y);
    word(&s->height);
    word(&s->number);
    word(&s->next);
    word(&shape::made);
    for (auto &item : shop::table)
        word(&item.at[1].x);
    word(&shop::two[1].price);
    word(&shop::list[1]);
    word(&shop::grid[2][3]);
    word(&shop::boxes[1][0][2].id);
    for (auto &row : shop::rows)
        word(&row[1].price);
}
