/* protobuf.h: writes messages in protobuf's encoding, piece by piece, into a buffer that remembers failures. */
#ifndef MT_RENDER_PROTOBUF_H
#define MT_RENDER_PROTOBUF_H

#include "base/buf.h"

void protobuf_varint(struct buf *b, uint64_t value);
void protobuf_number(struct buf *b, uint32_t field, uint64_t value); /* nothing for 0, which is the default */
void protobuf_bytes(struct buf *b, uint32_t field, const void *bytes,
                    size_t size); /* strings, messages, packed numbers */

#endif
