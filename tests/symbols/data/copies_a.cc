#include "copies.h"

volatile unsigned table[8], last;
unsigned other(unsigned v);

extern "C" __attribute__((export_name("_start"))) void entry() {
    for (unsigned i = 0; i < 3; i++)
        last = twice(i) + other(i);
}
