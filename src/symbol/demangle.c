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

/* Back references let a name of a few hundred bytes stand for gigabytes, and the only way to stop the library is not to
 * return to it.  It holds no memory meanwhile, but for a Rust name in punycode: a few bytes are lost then. */
static void take(const char *bytes, size_t size, void *self)
{
    struct words *w = self;
    if (size > WORDS_MAX - w->size)
        longjmp(w->too_long, 1);
    if (size)
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

/* Bytes at the front of a mangled name that belong together: an identifier with its length, a back reference, a
 * constructor or destructor, a number as a template's argument; else one byte. */
static size_t token(const char *name)
{
    static const char digits[] = "0123456789";
    size_t numbers = strspn(name, digits), length = 0;
    for (size_t i = 0; i < numbers && length < MANGLED_MAX; i++)
        length = length * 10 + (size_t)(name[i] - '0');
    if (numbers)
        return numbers + strnlen(name + numbers, length);
    size_t more = 1 + strspn(name + 1, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ");
    if ((*name == 'S' || *name == 'T') && name[more] == '_')
        return more + 1;
    if ((*name == 'C' || *name == 'D') && name[1] >= '0' && name[1] <= '5')
        return 2;
    if (*name == 'L' && name[1] >= 'a' && name[1] <= 'z') {
        more = 2 + strspn(name + 2, digits);
        return name[more] == 'E' ? more + 1 : 1;
    }
    return 1;
}

/* Copies a C++ name without its ABI tags (`B` and an identifier): libc++ puts them on nearly everything, nobody wants to
 * read them, and behind a constructor's name the library takes them for something else. */
static void drop_tags(const char *name, char *to)
{
    while (*name) {
        if (name[0] == 'B' && name[1] >= '1' && name[1] <= '9') {
            name += 1 + token(name + 1);
            continue;
        }
        for (size_t n = token(name); n; n--)
            *to++ = *name++;
    }
    *to = '\0';
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
    char bare[MANGLED_MAX + 1];
    drop_tags(name, bare);
    return ((name[1] == 'Z' && demangle(bare, &words)) || demangle(name, &words)) && words.size
               ? buf_put(out, words.text, words.size)
               : buf_put(out, bytes, size);
}
