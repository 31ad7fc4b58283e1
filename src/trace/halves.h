/* halves.h: a program that runs twice at the same time, so that two processors share its analysis.
 *
 * Both runs execute all of the program, and each keeps planes (planes.h) for a part of it: the *first* run from the
 * beginning up to some moment, the *second* one from there to the end.  Outside of its part a run passes by the code beside
 * its accesses, at about the program's own speed, so the second is soon where its part begins, while the first is still
 * busy.  The idea is SuperPin's (Wallace and Hazelwood, CGO 2007), with two slices instead of many, and without fork.
 *
 * Moments are counted in turns: the code has a global that goes down by one where a function with calls or loops begins and
 * where such a loop goes round, unless that function, or one that is under way, stands in the module twice (rewrite/plain.c);
 * when it is 0, the host is called.  Programs are deterministic but for what the host tells them, so a moment of one run is
 * the same one of the other as long as the host says the same: only the second run really calls WASI, and the first gets the
 * results and what the host wrote to memory from a list (engine/replay.h).
 *
 * What the first run knows about a byte at that moment, the second does not know yet.  So it begins with a *symbol* in all
 * planes of granules instead of a mark: it stands for whatever mark the first run leaves at that place.  Symbols have the shape of
 * marks, with sites that do not exist, so code takes them for marks; it must only see to it that bytes which get marks of
 * their own get symbols of their own.  What accesses met that holds a symbol is put aside (analyze/deferred.h), and counted
 * when the first run is over.
 *
 *     x = (SYMBOL_SITE << 2) + (byte << 1) + MARK_UNREAD      which bits of x are where: mark_make
 *
 * A symbol for several bytes is that of the first one.  MARK_UNREAD says that nobody has read the bytes in the second part, so
 * that they are unread if the first part left them so. */
#ifndef MT_TRACE_HALVES_H
#define MT_TRACE_HALVES_H

#include "trace/planes.h"

enum {
    SYMBOL_SITE = 1 << 20,                               /* modules with more sites than this run once */
    SYMBOL_BYTES = ((1 << 27) - (SYMBOL_SITE << 2)) / 2, /* that can have symbols */
};

static inline mark symbol_make(uint32_t byte)
{
    uint32_t x = ((uint32_t)SYMBOL_SITE << 2) + (byte << 1) + MARK_UNREAD;
    return mark_make(x >> 2, x & MARK_FLAGS);
}

/* Marks grow with their x, and no other value in a plane has their shape. */
static inline bool mark_is_symbol(mark m)
{
    return m >= mark_make(SYMBOL_SITE, 0) && mark_is_plain(m);
}

static inline uint32_t symbol_byte(mark m)
{
    return ((mark_site(m) << 2 | (m & MARK_FLAGS)) - ((uint32_t)SYMBOL_SITE << 2)) >> 1;
}

/* The symbol of the byte so many behind, in the same granule. */
static inline mark symbol_at(mark m, unsigned byte)
{
    return m + (byte << 1);
}

#endif
