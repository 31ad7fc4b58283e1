#include "render/protobuf.h"

enum { WIRE_VARINT = 0, WIRE_BYTES = 2 };

void protobuf_varint(struct buf *b, uint64_t value)
{
    for (; value >= 0x80; value >>= 7)
        buf_put_u8(b, (uint8_t)(value | 0x80));
    buf_put_u8(b, (uint8_t)value);
}

void protobuf_number(struct buf *b, uint32_t field, uint64_t value)
{
    if (!value)
        return;
    protobuf_varint(b, (uint64_t)field << 3 | WIRE_VARINT);
    protobuf_varint(b, value);
}

void protobuf_bytes(struct buf *b, uint32_t field, const void *bytes, size_t size)
{
    protobuf_varint(b, (uint64_t)field << 3 | WIRE_BYTES);
    protobuf_varint(b, size);
    buf_put(b, bytes, size);
}
