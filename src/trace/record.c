#include "trace/record.h"

static unsigned value_slots(unsigned kind)
{
    switch (kind) {
    case ACCESS_LOAD:
    case ACCESS_STORE:
        return 1;
    case ACCESS_RMW:
    case ACCESS_WAIT:
        return 2;
    case ACCESS_CMPXCHG:
        return 3;
    default:
        return 0;
    }
}

/* A load, store, rmw, cmpxchg or wait: address, then the value slots if the record is long enough to have them. */
static void read_scalar(const struct site *site, const uint8_t *p, size_t size, struct access *out)
{
    const uint8_t *at = p + 8;
    if (site->address_64) {
        out->operand = record_u64(at);
        at += 8;
    } else {
        out->operand = record_u32(p + 4);
    }
    out->address = out->operand + site->static_offset;
    out->width = site->width;
    out->length = site->width;
    if (at == p + size)
        return;
    out->values = (uint8_t)value_slots(site->kind);
    size_t slot = site->value == VALUE_V128 ? 16 : 8;
    for (unsigned i = 0; i < out->values; i++, at += slot)
        memcpy(out->value[i].bytes, at, slot);
}

uint8_t record_own_kind(site_id id)
{
    static const uint8_t kinds[SITE_FIRST] = {[SITE_HOST_READ] = ACCESS_HOST_READ,
                                              [SITE_HOST_WRITE] = ACCESS_HOST_WRITE,
                                              [SITE_OPAQUE_ENTER] = ACCESS_OPAQUE_ENTER,
                                              [SITE_OPAQUE_LEAVE] = ACCESS_OPAQUE_LEAVE,
                                              [SITE_CONTEXT] = ACCESS_CONTEXT,
                                              [SITE_CONTEXT_NEW] = ACCESS_CONTEXT_NEW,
                                              [SITE_OBJECT] = ACCESS_OBJECT};
    return kinds[id];
}

size_t record_read(const struct site_table *table, const uint8_t *p, struct access *out)
{
    uint32_t head = record_u32(p);
    size_t size = record_size(head);
    site_id id = record_site(head);
    *out = (struct access){.flag = head & RECORD_FLAG, .site = id};
    if (id < SITE_FIRST) {
        out->kind = record_own_kind(id);
        if (access_is_note(out->kind)) { /* its other fields: context.h, object.h */
            out->aux = record_u32(p + 4);
            return size;
        }
        out->site = record_u32(p + 4);
        out->memory = (uint16_t)table->host_memory;
        if (size == 24) {
            out->operand = out->address = record_u64(p + 8);
            out->length = record_u64(p + 16);
        } else {
            out->aux = record_u32(p + 8);
        }
        return size;
    }
    const struct site *site = site_get(table, id);
    out->kind = site->kind;
    out->memory = site->memory;
    out->memory_from = site->memory_from;
    switch (site->kind) {
    case ACCESS_FILL:
    case ACCESS_INIT:
        out->aux = record_u32(p + 4);
        out->operand = out->address = record_u64(p + 8);
        out->length = record_u64(p + 16);
        break;
    case ACCESS_COPY:
        out->operand = out->address = record_u64(p + 8);
        out->source = record_u64(p + 16);
        out->length = record_u64(p + 24);
        break;
    default:
        read_scalar(site, p, size, out);
    }
    return size;
}

static bool site_size_valid(const struct site *site, size_t size)
{
    switch (site->kind) {
    case ACCESS_CALL:
        return false;
    case ACCESS_FILL:
    case ACCESS_INIT:
        return size == 24;
    case ACCESS_COPY:
        return size == 32;
    default: {
        size_t plain = site->address_64 ? 16 : 8;
        size_t slot = site->value == VALUE_V128 ? 16 : 8;
        return size == plain || size == plain + slot * value_slots(site->kind);
    }
    }
}

bool record_valid(const struct site_table *table, const uint8_t *p, const uint8_t *end)
{
    if (end - p < RECORD_UNIT)
        return false;
    uint32_t head = record_u32(p);
    size_t size = record_size(head);
    if (size > (size_t)(end - p))
        return false;
    site_id id = record_site(head);
    if (id < SITE_FIRST) {
        bool range = id == SITE_HOST_READ || id == SITE_HOST_WRITE;
        if (id == SITE_CONTEXT || id == SITE_CONTEXT_NEW)
            return size == (id == SITE_CONTEXT ? 8 : 16);
        if (id == SITE_OBJECT)
            return size == 16 || size == 32;
        bool opaque = id == SITE_OPAQUE_ENTER || id == SITE_OPAQUE_LEAVE;
        site_id call = record_u32(p + 4);
        if (call != SITE_NONE && (call < SITE_FIRST || call - SITE_FIRST >= table->count))
            return false;
        return (range && size == 24) || (opaque && size == 16);
    }
    return id - SITE_FIRST < table->count && site_size_valid(site_get(table, id), size);
}
