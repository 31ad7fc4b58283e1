/* Wastes bytes in each kind of static data, and sets the stack pointer in no function; forms.py has it laid out in several ways, and runs
 * it with names and without. */
#ifdef SEGMENT
static int filled[4] = {1, 2, 3, 4};
static _Thread_local int own = 5;
#endif
static _Thread_local int own_zeroed[20];
static char zeroed[3000];
static int numbers[40];

__attribute__((noinline)) static void put(volatile int *at, int value)
{
    *at = value;
    *at = value + 1;
}

void _start(void)
{
#ifdef SEGMENT
    put(&filled[2], 1);
    put(&own, 2);
#endif
    put(&own_zeroed[3], 3);
    put((int *)&zeroed[400], 4);
    put(&numbers[3], 5);
}
