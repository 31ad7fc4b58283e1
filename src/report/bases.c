/* Addresses in words: the local or global that the code takes them from, by name where there is one. */
#include "report/build.h"

#include "base/clean.h"

#include <inttypes.h>
#include <string.h>

enum { NAME_LIMIT = 80 };

static void put_name(struct build *b, const char *bytes, size_t size)
{
    if (!bytes || !size)
        return;
    buf_put_text(&b->scratch, " (");
    clean_put(&b->scratch, bytes, size, NAME_LIMIT);
    buf_put_text(&b->scratch, ")");
}

static void put_local(struct build *b, const struct site *site, uint32_t index)
{
    size_t size = 0;
    buf_printf(&b->scratch, "local %" PRIu32, index);
    const char *name = b->names->local ? b->names->local(b->names->self, site->func, index, &size) : NULL;
    put_name(b, name, size);
}

static void put_global(struct build *b, uint32_t index)
{
    size_t size = 0;
    buf_printf(&b->scratch, "global %" PRIu32, index);
    const char *name = b->names->global ? b->names->global(b->names->self, index, &size) : NULL;
    put_name(b, name, size);
}

/* What is added: the operand's own constant where it is not in the local already, and the static offset. */
static void put_sum(struct build *b, int64_t addend, uint64_t offset)
{
    if (addend)
        buf_printf(&b->scratch, addend < 0 ? " - %" PRIu64 : " + %" PRIu64,
                   addend < 0 ? 0 - (uint64_t)addend : (uint64_t)addend);
    if (offset)
        buf_printf(&b->scratch, " + %" PRIu64, offset);
}

bool build_base(struct build *b, site_id id, struct report_side *side)
{
    if (!b->facts || id < SITE_FIRST)
        return true;
    const uint64_t key = (uint64_t)1 << 40 | id; /* above functions' and opcodes' */
    side->base = strings_find(b->out->strings, key);
    if (side->base)
        return true;
    const struct site *site = site_get(b->table, id);
    const struct site_facts *f = facts_find(b->facts, id);
    if (!f->known || (f->base == BASE_UNKNOWN && f->named < 0))
        return true;
    buf_clear(&b->scratch);
    if (f->named >= 0) { /* as the code says it */
        put_local(b, site, (uint32_t)f->named);
        put_sum(b, 0, site->static_offset);
    } else if (f->base == BASE_LOCAL) {
        put_local(b, site, f->index);
        put_sum(b, f->addend, site->static_offset);
    } else if (f->base == BASE_CONST) {
        buf_printf(&b->scratch, "address %" PRIu64,
                   (site->address_64 ? (uint64_t)f->addend : (uint32_t)f->addend) + site->static_offset);
    } else {
        put_global(b, f->index);
        put_sum(b, f->addend, site->static_offset);
    }
    if (f->base == BASE_FRAME)
        buf_put_text(&b->scratch, ", in the function's frame");
    if (b->scratch.failed)
        return false;
    side->base = strings_add(b->out->strings, (const char *)b->scratch.data, b->scratch.size);
    return side->base && strings_file(b->out->strings, key, side->base);
}
