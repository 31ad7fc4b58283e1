/* go_data.h: where the static data of a Go program ends: its linker leaves zeroed data out of the data segments, and gives no name to the end. */
#ifndef MT_API_GO_DATA_H
#define MT_API_GO_DATA_H

#include "symbol/data.h"

/* The address behind all static data, not above `limit`; 0: this is no Go program, or it does not say. */
uint64_t go_data_end(const struct symbol_data *d, uint64_t limit);

#endif
