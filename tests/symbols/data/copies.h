/* An inline function that fit.py's two units compile differently; the linker keeps the first one's. */
extern volatile unsigned table[8], last;

inline unsigned twice(unsigned v) {
    last = v;
    last = v + 1;
    for (unsigned i = 0; i < 4; i++)
        table[i] = v;
    table[0] = 1;
    return last * 2;
}
