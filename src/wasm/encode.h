/* encode.h: writes the binary format's integers, names and instructions into a buffer.
 * Whether an append failed is checked once, at the buffer's end (buf.h). */
#ifndef MT_WASM_ENCODE_H
#define MT_WASM_ENCODE_H

#include "base/buf.h"
#include "wasm/opcode.h"

void wasm_put_u32(struct buf *b, uint64_t value);
void wasm_put_s32(struct buf *b, int32_t value);
void wasm_put_s64(struct buf *b, int64_t value);
void wasm_put_name(struct buf *b, const char *text);
size_t wasm_u32_size(uint64_t value);

/* An opcode without immediates; the caller appends them. */
void wasm_put_op(struct buf *b, enum wasm_opcode op);
/* An opcode with one index. */
void wasm_put_op_u32(struct buf *b, enum wasm_opcode op, uint32_t index);
void wasm_put_i32_const(struct buf *b, int32_t value);
void wasm_put_i64_const(struct buf *b, int64_t value);
void wasm_put_memarg(struct buf *b, unsigned align_log2, uint32_t memory, uint64_t static_offset);

/* A section, or anything else that is preceded by its size in bytes. */
void wasm_put_section(struct buf *b, uint8_t id, const struct buf *content);

#endif
