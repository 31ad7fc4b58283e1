#include "symbol/code.h"

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

size_t code_body_at(const struct symbol_code *c, uint64_t address)
{
    size_t low = 0, high = c->count; /* all before low start at the address or before it */
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (code_body_start(c, middle) <= address)
            low = middle + 1;
        else
            high = middle;
    }
    return low && address < code_body_end(c, low - 1) ? low - 1 : c->count;
}

bool code_body_begins(const struct symbol_code *c, size_t body, uint64_t address)
{
    return body < c->count && (address == code_body_start(c, body) || address == c->bodies[body].code - c->start);
}
