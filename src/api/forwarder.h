/* forwarder.h: functions that do nothing but call another one with their parameters, as rustc makes of those that allocate. */
#ifndef MT_API_FORWARDER_H
#define MT_API_FORWARDER_H

#include "wasm/module.h"

/* The function that one of the module's own only calls, with all of its parameters in order; UINT32_MAX: it is no such function. */
uint32_t forwarder_target(const struct wasm_module *module, uint32_t func);

#endif
