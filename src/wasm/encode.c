#include "wasm/encode.h"

#include <string.h>

void wasm_put_u32(struct buf *b, uint64_t value)
{
    while (value >= 0x80) {
        buf_put_u8(b, (uint8_t)(value | 0x80));
        value >>= 7;
    }
    buf_put_u8(b, (uint8_t)value);
}

size_t wasm_u32_size(uint64_t value)
{
    size_t size = 1;
    while (value >>= 7)
        size++;
    return size;
}

void wasm_put_s64(struct buf *b, int64_t value)
{
    uint64_t bits = (uint64_t)value;
    uint64_t sign = value < 0 ? UINT64_MAX : 0;
    for (;;) {
        uint8_t byte = bits & 0x7f;
        bits = bits >> 7 | (sign & ~(UINT64_MAX >> 7));
        if (bits == sign && (byte & 0x40) == (sign & 0x40)) {
            buf_put_u8(b, byte);
            return;
        }
        buf_put_u8(b, byte | 0x80);
    }
}

void wasm_put_s32(struct buf *b, int32_t value)
{
    wasm_put_s64(b, value);
}

void wasm_put_name(struct buf *b, const char *text)
{
    wasm_put_u32(b, strlen(text));
    buf_put_text(b, text);
}

void wasm_put_op(struct buf *b, enum wasm_opcode op)
{
    const struct wasm_opcode_info *info = wasm_opcode_info(op);
    if (!info->prefix) {
        buf_put_u8(b, (uint8_t)info->code);
        return;
    }
    buf_put_u8(b, info->prefix);
    wasm_put_u32(b, info->code);
}

void wasm_put_op_u32(struct buf *b, enum wasm_opcode op, uint32_t index)
{
    wasm_put_op(b, op);
    wasm_put_u32(b, index);
}

void wasm_put_i32_const(struct buf *b, int32_t value)
{
    wasm_put_op(b, WASM_OP_I32_CONST);
    wasm_put_s32(b, value);
}

void wasm_put_i64_const(struct buf *b, int64_t value)
{
    wasm_put_op(b, WASM_OP_I64_CONST);
    wasm_put_s64(b, value);
}

void wasm_put_memarg(struct buf *b, unsigned align_log2, uint32_t memory, uint64_t static_offset)
{
    if (memory) {
        wasm_put_u32(b, align_log2 | 0x40);
        wasm_put_u32(b, memory);
    } else {
        wasm_put_u32(b, align_log2);
    }
    wasm_put_u32(b, static_offset);
}

void wasm_put_section(struct buf *b, uint8_t id, const struct buf *content)
{
    buf_put_u8(b, id);
    wasm_put_u32(b, content->size);
    buf_put(b, content->data, content->size);
    if (content->failed)
        b->failed = true;
}
