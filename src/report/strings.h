/* strings.h: owns the strings of a report: written once, freed together, never moved.
 *
 * A string may be filed under a key, so that what many pairs name is kept once. */
#ifndef MT_REPORT_STRINGS_H
#define MT_REPORT_STRINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct strings;

struct strings *strings_new(void); /* NULL when memory is short */
void strings_free(struct strings *s);

/* Copies the bytes and adds a NUL.  NULL when memory is short. */
const char *strings_add(struct strings *s, const char *bytes, size_t size);

/* The string under this key, or NULL. */
const char *strings_find(const struct strings *s, uint64_t key);

/* Files a string of strings_add under a key that has none.  False when memory is short. */
bool strings_file(struct strings *s, uint64_t key, const char *text);

/* A string with these bytes, none of them NUL: the same one each time.  It is filed by a hash, under a key with the top bit set; should
 * two have the same hash, the second is just not filed.  NULL when memory is short. */
const char *strings_intern(struct strings *s, const char *bytes, size_t size);

#endif
