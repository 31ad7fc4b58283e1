#include "symbol/code.h"

#include "base/order.h"

struct symbol_code symbol_code_of(const struct wasm_module *module)
{
    const struct wasm_section *s = module->by_id[WASM_SECTION_CODE];
    if (!s)
        return (struct symbol_code){.count = 0};
    return (struct symbol_code){.bodies = module->bodies,
                                .count = module->body_count,
                                .start = (uint64_t)(s->content - module->bytes),
                                .count_size = (uint32_t)(s->items - s->content)};
}

static uint64_t start_of(const void *body)
{
    return ((const struct wasm_body *)body)->start;
}

size_t code_body_at(const struct symbol_code *c, uint64_t address)
{
    size_t until = order_until(c->bodies, c->count, sizeof *c->bodies, address + c->start, start_of);
    return until && address < code_body_end(c, until - 1) ? until - 1 : c->count;
}

bool code_body_begins(const struct symbol_code *c, size_t body, uint64_t address)
{
    return body < c->count && (address == code_body_start(c, body) || address == c->bodies[body].code - c->start);
}
