#include "symbol/demangle.h"

#include <libiberty/demangle.h>
#include <setjmp.h>
#include <string.h>

enum {
    MANGLED_MAX = 1000, /* libiberty's own limit for C++ is about that */
    WORDS_MAX = 4096,
};

struct words {
    size_t size;
    jmp_buf too_long;
    char text[WORDS_MAX];
};

/* Back references let a name of a few hundred bytes stand for gigabytes, and the library has no other way to be stopped
 * than not to return to it.  It holds no memory meanwhile, but for a Rust name in punycode: a few bytes are lost then. */
static void take(const char *bytes, size_t size, void *self)
{
    struct words *w = self;
    if (size > WORDS_MAX - w->size)
        longjmp(w->too_long, 1);
    memcpy(w->text + w->size, bytes, size);
    w->size += size;
}

static bool demangle(const char *name, struct words *w)
{
    enum { HOW = DMGL_PARAMS | DMGL_ANSI };
    w->size = 0;
    if (setjmp(w->too_long))
        return false;
    if (rust_demangle_callback(name, HOW, take, w))
        return true;
    w->size = 0; /* legacy Rust names are C++ names too, and are left to the latter when they have no hash */
    return cplus_demangle_v3_callback(name, HOW, take, w) != 0;
}

bool demangle_put(struct buf *out, const char *bytes, size_t size)
{
    if (size < 3 || size > MANGLED_MAX || bytes[0] != '_' || (bytes[1] != 'Z' && bytes[1] != 'R') ||
        memchr(bytes, '\0', size))
        return buf_put(out, bytes, size);
    char name[MANGLED_MAX + 1];
    memcpy(name, bytes, size);
    name[size] = '\0';
    struct words words;
    return demangle(name, &words) && words.size ? buf_put(out, words.text, words.size) : buf_put(out, bytes, size);
}
