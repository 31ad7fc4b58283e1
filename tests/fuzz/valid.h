/* valid.h: the engine's word on a module.  Apart, since its headers and ours give some names twice. */
#ifndef MT_TESTS_FUZZ_VALID_H
#define MT_TESTS_FUZZ_VALID_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

bool is_valid(const uint8_t *bytes, size_t size);

#endif
