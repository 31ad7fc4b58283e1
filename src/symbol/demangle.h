/* demangle.h: names as compilers mangle them, as people write them: C++ (Itanium ABI) and Rust (legacy and v0).
 *
 * The work is libiberty's; what it is guarded against here is names made to grow without bound. */
#ifndef MT_SYMBOL_DEMANGLE_H
#define MT_SYMBOL_DEMANGLE_H

#include "base/buf.h"

/* Appends the name in words, or as it is where it is not mangled, or would be longer than any name that is of use.  Any
 * bytes may stand in it.  False when memory is short. */
bool demangle_put(struct buf *out, const char *bytes, size_t size);

#endif
