#include "wasm/types.h"

#include "base/vec.h"

static void raise(struct wasm_type_use *use, uint32_t index)
{
    if (use->end <= index)
        use->end = index == UINT32_MAX ? UINT32_MAX : index + 1;
}

static bool skip_type_index(struct cursor *c, const char *what, struct wasm_type_use *use)
{
    uint32_t index;
    if (!cursor_leb_u32(c, what, &index))
        return false;
    raise(use, index);
    return true;
}

bool wasm_skip_heap_type(struct cursor *c, struct wasm_type_use *use)
{
    int64_t type;
    if (!cursor_leb_s33(c, "heap type", &type))
        return false;
    if (type == -30) { /* 0x62: exactly that type (custom descriptors) */
        use->exact = true;
        return skip_type_index(c, "heap type", use);
    }
    if (type == -27) /* 0x65: shared between threads, then an abstract type */
        return cursor_skip(c, 1, "heap type");
    if (type >= 0)
        raise(use, (uint32_t)type);
    return true;
}

bool wasm_skip_value_type(struct cursor *c, struct wasm_type_use *use)
{
    struct cursor before = *c;
    uint8_t code;
    if (!cursor_u8(c, "value type", &code))
        return false;
    if (code == 0x63 || code == 0x64) { /* (ref null ht), (ref ht) */
        if (wasm_skip_heap_type(c, use))
            return true;
        *c = before;
        return false;
    }
    if (code == 0x65) /* a nullable reference to a shared abstract type */
        return cursor_skip(c, 1, "value type");
    /* numbers and vectors, 0x7b to 0x7f; the abstract reference types lie between 0x68 and 0x75 */
    if ((code >= 0x7b && code <= 0x7f) || (code >= 0x68 && code <= 0x75))
        return true;
    *c = before;
    return error_at(c->err, ERROR_INPUT, cursor_offset(c), "unknown value type 0x%02x", code);
}

bool wasm_skip_block_type(struct cursor *c, struct wasm_type_use *use)
{
    if (c->at < c->end && (*c->at & 0xc0) == 0x40) { /* negative and one byte long: empty or a value type */
        if (*c->at == WASM_TYPE_EMPTY) {
            c->at++;
            return true;
        }
        return wasm_skip_value_type(c, use);
    }
    int64_t index;
    if (!cursor_leb_s33(c, "block type", &index))
        return false;
    if (index >= 0)
        raise(use, (uint32_t)index);
    return true;
}

/* Limits: flag bit 0 a maximum, bit 1 shared, bit 2 64-bit addresses, bit 3 a page size (memories only). */
static bool read_limits(struct cursor *c, uint8_t allowed, struct wasm_memory *limits)
{
    uint64_t at = cursor_offset(c);
    uint8_t flags;
    if (!cursor_u8(c, "limits", &flags))
        return false;
    if (flags & ~allowed)
        return error_at(c->err, ERROR_INPUT, at, "unknown limits flags 0x%02x", flags);
    *limits = (struct wasm_memory){.has_max = flags & 1, .shared = flags & 2, .is_64 = flags & 4, .page_size_log2 = 16};
    if (!cursor_leb_u64(c, "limits", &limits->min) || (limits->has_max && !cursor_leb_u64(c, "limits", &limits->max)))
        return false;
    if (!(flags & 8))
        return true;
    uint32_t log2;
    if (!cursor_leb_u32(c, "page size", &log2))
        return false;
    if (log2 > 16)
        return error_at(c->err, ERROR_INPUT, at, "page size 2^%u is too large", log2);
    limits->page_size_log2 = (uint8_t)log2;
    return true;
}

bool wasm_skip_locals(struct cursor *c, uint64_t *count, struct wasm_type_use *use)
{
    uint32_t groups, n;
    if (!cursor_count(c, "locals", 2, &groups))
        return false;
    while (groups--) {
        if (!cursor_leb_u32(c, "locals", &n) || !wasm_skip_value_type(c, use))
            return false;
        *count += n;
    }
    return true;
}

bool wasm_skip_table_type(struct cursor *c, struct wasm_type_use *use)
{
    struct wasm_memory limits;
    return wasm_skip_value_type(c, use) && read_limits(c, 1 | 2 | 4, &limits);
}

bool wasm_read_memory_type(struct cursor *c, struct wasm_memory *memory)
{
    return read_limits(c, 1 | 2 | 4 | 8, memory);
}

bool wasm_skip_global_type(struct cursor *c, struct wasm_type_use *use)
{
    return wasm_skip_value_type(c, use) && cursor_skip(c, 1, "global type");
}

/* The types that we add stand behind this section: no name in it can mean one of them. */
static bool skip_value_types(struct cursor *c, const uint8_t **types, uint32_t *count, uint32_t *bytes,
                             struct wasm_type_use *use)
{
    if (!cursor_count(c, "function type", 1, count))
        return false;
    *types = c->at;
    for (uint32_t i = 0; i < *count; i++)
        if (!wasm_skip_value_type(c, use))
            return false;
    *bytes = (uint32_t)(c->at - *types);
    return true;
}

/* A struct's or an array's field: a value type or a packed one, then its mutability. */
static bool skip_field(struct cursor *c, struct wasm_type_use *use)
{
    if (c->at < c->end && (*c->at == 0x78 || *c->at == 0x77))
        c->at++;
    else if (!wasm_skip_value_type(c, use))
        return false;
    return cursor_skip(c, 1, "field type");
}

static bool read_composite_type(struct cursor *c, struct wasm_type *type, struct wasm_type_use *use)
{
    uint64_t at = cursor_offset(c);
    uint8_t code;
    uint32_t fields;
    if (!cursor_u8(c, "type", &code))
        return false;
    type->shared = code == 0x65;
    if (type->shared && !cursor_u8(c, "type", &code))
        return false;
    /* custom descriptors: the type that this one describes, the one that describes this */
    if (code == 0x4c && (!skip_type_index(c, "type", use) || !cursor_u8(c, "type", &code)))
        return false;
    if (code == 0x4d && (!skip_type_index(c, "type", use) || !cursor_u8(c, "type", &code)))
        return false;
    switch (code) {
    case WASM_TYPE_FUNC:
        return skip_value_types(c, &type->params, &type->param_count, &type->param_bytes, use) &&
               skip_value_types(c, &type->results, &type->result_count, &type->result_bytes, use);
    case 0x5f:
        if (!cursor_count(c, "struct type", 2, &fields))
            return false;
        while (fields--)
            if (!skip_field(c, use))
                return false;
        return true;
    case 0x5e:
        return skip_field(c, use);
    case 0x5d: /* a continuation: the function type of what is left of it */
        return wasm_skip_heap_type(c, use);
    default:
        return error_at(c->err, ERROR_INPUT, at, "unknown type form 0x%02x", code);
    }
}

static bool read_sub_type(struct cursor *c, struct wasm_module *module)
{
    if (c->at < c->end && (*c->at == 0x50 || *c->at == 0x4f)) {
        c->at++;
        uint32_t supers, super;
        if (!cursor_count(c, "sub type", 1, &supers))
            return false;
        while (supers--)
            if (!cursor_leb_u32(c, "sub type", &super))
                return false;
    }
    if (!vec_room((void **)&module->types, &module->type_capacity, module->type_count, sizeof *module->types))
        return error_no_memory(c->err);
    struct wasm_type *type = &module->types[module->type_count++];
    *type = (struct wasm_type){0};
    struct wasm_type_use use = {0};
    bool ok = read_composite_type(c, type, &use);
    module->has_exact |= use.exact;
    return ok;
}

bool wasm_read_rec_type(struct cursor *c, struct wasm_module *module)
{
    uint32_t members = 1;
    if (c->at < c->end && *c->at == 0x4e) {
        c->at++;
        if (!cursor_count(c, "recursive type group", 1, &members))
            return false;
    }
    while (members--)
        if (!read_sub_type(c, module))
            return false;
    return true;
}
