/* opcode.h: what the tool knows of each instruction: its names, its immediates, and how it touches memory.
 *
 * The facts stand in opcode.def; all here is made from it.  Binary format: WebAssembly core specification 3.0, section
 * 5.4 (instructions). */
#ifndef MT_WASM_OPCODE_H
#define MT_WASM_OPCODE_H

#include <stdint.h>

/* What follows the opcode.  Indices and counts are LEB128 u32 unless said otherwise. */
enum wasm_imm {
    IMM_NONE,
    IMM_BLOCK,         /* block type: s33, a value type or a type index */
    IMM_LABEL,         /* label index; delegate's and rethrow's count in the same way */
    IMM_BR_TABLE,      /* vector of labels, and the default one */
    IMM_FUNC,          /* function index */
    IMM_CALL_INDIRECT, /* type index, table index */
    IMM_TYPE,          /* type index */
    IMM_LOCAL,         /* local index */
    IMM_GLOBAL,        /* global index */
    IMM_TABLE,         /* table index */
    IMM_MEMARG,        /* flags (bit 6: a memory index follows), [memory index,] offset: u64 */
    IMM_MEMARG_LANE,   /* the same and one byte: the lane */
    IMM_MEMORY,        /* memory index */
    IMM_MEMORY_MEMORY, /* memory index of the destination, of the source */
    IMM_DATA_MEMORY,   /* data segment index, memory index */
    IMM_DATA,          /* data segment index */
    IMM_ELEM_TABLE,    /* element segment index, table index */
    IMM_ELEM,          /* element segment index */
    IMM_TABLE_TABLE,   /* table index of the destination, of the source */
    IMM_I32,           /* s32 */
    IMM_I64,           /* s64 */
    IMM_F32,           /* 4 bytes */
    IMM_F64,           /* 8 bytes */
    IMM_V128,          /* 16 bytes */
    IMM_SHUFFLE,       /* 16 bytes, each a lane */
    IMM_LANE,          /* one byte */
    IMM_SELECT_T,      /* vector of value types */
    IMM_HEAPTYPE,      /* heap type: s33 */
    IMM_TRY_TABLE,     /* block type, vector of catch clauses */
    IMM_TAG,           /* tag index */
    IMM_TYPE_FIELD,    /* type index, field index */
    IMM_TYPE_U32,      /* type index, number of elements */
    IMM_TYPE_DATA,     /* type index, data segment index */
    IMM_TYPE_ELEM,     /* type index, element segment index */
    IMM_TYPE_TYPE,     /* type index of the destination, of the source */
    IMM_CAST_BRANCH,   /* one byte of flags, label index, heap type, heap type */
    IMM_FENCE,         /* one zero byte */
    IMM_RESUME,        /* type index, vector of handlers */
    IMM_RESUME_THROW,  /* type index, tag index, vector of handlers */
    IMM_TYPE_TAG,      /* type index, tag index */
    /* behind a byte for the memory ordering: */
    IMM_ORDER_GLOBAL, /* global index */
    IMM_ORDER_TABLE,  /* table index */
    IMM_ORDER_TYPE,   /* type index */
    IMM_ORDER_FIELD,  /* type index, field index */
};

/* How memory is touched (docs/semantics.md "Accesses"): the program's part of enum access_kind in trace/site.h. */
enum wasm_access {
    WASM_ACCESS_NONE,
    WASM_ACCESS_LOAD,
    WASM_ACCESS_STORE,
    WASM_ACCESS_RMW,
    WASM_ACCESS_CMPXCHG,
    WASM_ACCESS_WAIT,
    WASM_ACCESS_FILL,
    WASM_ACCESS_COPY,
    WASM_ACCESS_INIT,
};

/* The same order as enum value_type in trace/site.h. */
enum wasm_value {
    WASM_VALUE_NONE,
    WASM_VALUE_I32,
    WASM_VALUE_I64,
    WASM_VALUE_F32,
    WASM_VALUE_F64,
    WASM_VALUE_V128,
};

enum wasm_opcode {
#define OP(id, name, prefix, code, imm, access, width, value) WASM_OP_##id,
#include "wasm/opcode.def"
#undef OP
    WASM_OPCODE_COUNT
};

/* First bytes behind which a LEB128 u32 holds the opcode proper.  They are consecutive. */
enum { WASM_PREFIX_FIRST = 0xFB, WASM_PREFIX_LAST = 0xFE };

struct wasm_opcode_info {
    const char *name; /* of the text format; see opcode.def for the three exceptions */
    uint8_t prefix;   /* WASM_PREFIX_FIRST .. WASM_PREFIX_LAST, or 0 for an opcode of a single byte */
    uint16_t code;    /* the single byte, or the number behind the prefix */
    uint8_t imm;      /* enum wasm_imm */
    uint8_t access;   /* enum wasm_access */
    uint8_t width;    /* bytes that memory sees; 0 for bulk accesses and where there is none */
    uint8_t value;    /* enum wasm_value */
};

const struct wasm_opcode_info *wasm_opcode_info(enum wasm_opcode op);

/* Row 0 is of the single bytes, row 1 of the first prefix, and so on.  Holds the opcode + 1, so that 0 is a hole. */
enum { WASM_OPCODE_ROWS = WASM_PREFIX_LAST - WASM_PREFIX_FIRST + 2, WASM_OPCODE_CODES = 0x114 };
extern const uint16_t wasm_opcode_rows[WASM_OPCODE_ROWS][WASM_OPCODE_CODES];

static inline int wasm_opcode_is_prefix(uint8_t byte)
{
    return byte >= WASM_PREFIX_FIRST && byte <= WASM_PREFIX_LAST;
}

/* The enum wasm_opcode of a single byte, or -1. */
static inline int wasm_opcode_plain(uint8_t byte)
{
    return wasm_opcode_rows[0][byte] - 1;
}

/* The same for the code behind a prefix, or for a single byte with prefix 0. */
static inline int wasm_opcode_find(uint8_t prefix, uint32_t code)
{
    if (code >= WASM_OPCODE_CODES || (prefix != 0 && !wasm_opcode_is_prefix(prefix)))
        return -1;
    return wasm_opcode_rows[prefix == 0 ? 0 : prefix - WASM_PREFIX_FIRST + 1][code] - 1;
}

#endif
