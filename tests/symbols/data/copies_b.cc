#include "copies.h"

unsigned other(unsigned v) {
    unsigned (*volatile f)(unsigned) = twice;
    last = 5;
    last = f(v);
    return last;
}
