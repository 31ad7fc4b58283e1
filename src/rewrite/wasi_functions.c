/* The functions that wrappers of WASI call. */
#include "rewrite/asm.h"
#include "rewrite/emit.h"
#include "rewrite/wasi_code.h"
#include "trace/record.h"
#include "wasm/types.h"

#include <assert.h>

enum {
    BADF = 8,
    INVAL = 28,
    NOMEM = 48,
    INPUT_MAX = 1 << 27, /* bytes of input, above which wasmtime reads none and says NOMEM */
};

static_assert(GUEST_NAME_COUNT == SCRATCH_CALL + 16 && GUEST_NAMES + 8 * GUEST_NAMES_MAX == GUEST_TRACE_BASE,
              "the texts below say so");

/* clang-format off */

/* From $i up to and including $count, by one; ends with NEXT. */
#define EACH(count) "block loop $i $" count " i32.ge_u br_if:1 "
#define NEXT "$i #1 i32.add =i br:0 end end "

static const struct asm_func functions[] = {
    /* One access.  None that is empty or lies outside of memory, where the host cannot have been. */
    {"host_range", "head:i site:i at:i size:l", "", "p:i",
     "$size i64.eqz if return end "
     "$at call:room $size i64.lt_u if return end "
     "global.get:POINTER global.get:LIMIT i32.gt_u if call:make_room end "
     "global.get:POINTER &p $head i32.store@trace $p $site i32.store@trace+4 $p $at i64.extend_i32_u i64.store@trace+8 "
     "$p $size i64.store@trace+16 $p #24 i32.add global.set:POINTER"},

    /* A path; $before: bytes of the inputs before it. */
    {"host_path", "site:i error:i at:i size:i before:i", "", "",
     "$error #NOMEM i32.eq $size i64.extend_i32_u $before i64.extend_i32_u i64.add ##INPUT_MAX i64.gt_u i32.and if return end "
     "#READ $site $at $size i64.extend_i32_u call:host_range"},

    /* How many of the iovecs lie in memory. */
    {"host_whole", "table:i entries:i", "i", "n:l",
     "$table call:room ##3 i64.shr_u &n $entries i64.extend_i32_u i64.lt_u if $n i32.wrap_i64 return end $entries"},

    /* Before the call: counts the empty iovecs at the table's start, and saves those behind. */
    {"host_iovecs", "table:i entries:i", "", "i:i skipped:i saved:i iovec:l",
     "$entries #TABLE_MAX i32.le_u if "
     "$table $entries call:host_whole =entries "
     EACH("entries") "$saved #IOVECS_MAX i32.ge_u br_if:1 "
     "$table $i #3 i32.shl i32.add call:peek_8 =iovec "
     "$saved $iovec ##32 i64.shr_u i64.eqz i32.eqz i32.or if "
     "  $saved #3 i32.shl $iovec i64.store@iovecs $saved #1 i32.add =saved "
     "else $skipped #1 i32.add =skipped end " NEXT "end "
     "#0 $skipped i32.store@call #0 $saved i32.store@call+4"},

    /* An iovec as it was before the call: the buffer, and in the upper half its length. */
    {"host_iovec", "table:i i:i", "l", "n:i",
     "$i #0 i32.load@call &n i32.lt_u if ##0 return end "
     "$i $n i32.sub &n #0 i32.load@call+4 i32.lt_u if $n #3 i32.shl i64.load@iovecs return end "
     "$table $i #3 i32.shl i32.add call:peek_8"},

    /* The table, up to the iovec with which $total bytes are reached; of no bytes, up to the first that is not empty. */
    {"host_table", "site:i error:i table:i entries:i total:i", "", "i:i sum:l",
     "$error #NOMEM i32.eq $entries #TABLE_MAX i32.gt_u i32.and if return end "
     "$total #1 $total select =total "
     "$table $entries call:host_whole =entries #0 i32.load@call =i "
     EACH("entries") "$sum $total i64.extend_i32_u i64.ge_u br_if:1 "
     "$sum $table $i call:host_iovec ##32 i64.shr_u i64.add =sum " NEXT
     "#READ $site $table $i i64.extend_i32_u ##3 i64.shl call:host_range"},

    /* $total bytes in the buffers. */
    {"host_buffers", "head:i site:i table:i entries:i total:i", "", "i:i part:i iovec:l",
     "$table $entries call:host_whole =entries #0 i32.load@call =i "
     EACH("entries") "$total i32.eqz br_if:1 "
     "$table $i call:host_iovec &iovec ##32 i64.shr_u i32.wrap_i64 &part $total $part $total i32.lt_u select =part "
     "$head $site $iovec i32.wrap_i64 $part i64.extend_i32_u call:host_range "
     "$total $part i32.sub =total " NEXT},

    /* What a subscription is: 0 of no kind, 1 to a descriptor, 2 to no clock that there is, 3 to a clock; 4 is added if the host
     * refuses it.  $first: 8 in the first snapshot, where 8 bytes more stand before the clock, and all subscriptions are looked at
     * before any is used; else 0. */
    {"host_kind", "at:i first:i", "i", "n:i",
     "$at #8 i32.add call:peek_1 &n #2 i32.gt_u if #4 return end "
     "$n if #1 return end "
     "$at $first i32.add =at "
     "$at #16 i32.add call:peek_4 &n #3 i32.gt_u if #6 return end "
     "#3 #7 $n #2 i32.lt_u $first #3 i32.shr_u i32.or $at #40 i32.add call:peek_2 #2 i32.lt_u i32.and select"},

    /* Before the call: notes which subscription is the first that the host refuses, the last before it to a descriptor (both counted
     * from 1), how many there are, and their kinds. */
    {"host_subs", "subs:i n:i first:i", "", "i:i at:i kind:i refused:i descriptor:i",
     "$subs =at "
     EACH("n") "$i #SUBS_MAX i32.ge_u $at $subs i32.lt_u i32.or $at call:room ##9 i64.lt_u i32.or br_if:1 "
     "$at $first call:host_kind =kind "
     "$i #KINDS_MAX i32.lt_u if $i $kind i32.store8@iovecs end "
     "$refused i32.eqz if "
     "  $kind #4 i32.and if $i #1 i32.add =refused else $kind #1 i32.eq if $i #1 i32.add =descriptor end end end "
     "$at #48 i32.add $first i32.add =at " NEXT
     "#0 $refused i32.store@call #0 $descriptor i32.store@call+4 #0 $i i32.store@call+8"},

    /* The subscriptions, as far as the error says that they were read. */
    {"host_polled", "site:i error:i subs:i first:i", "", "i:i at:i count:i kind:i",
     "$error #NOMEM i32.eq if return end "
     "#0 i32.load@call+8 =count "
     "$error #INVAL i32.eq #0 i32.load@call &kind i32.eqz i32.eqz i32.and if $kind =count end "
     "$error #BADF i32.eq $first i32.eqz i32.and if #0 i32.load@call+4 =count end "
     EACH("count")
     "$subs $i #48 $first i32.add i32.mul i32.add =at "
     "#READ $site $at ##9 call:host_range "
     "$i #KINDS_MAX i32.lt_u if $i i32.load8_u@iovecs =kind else $at $first call:host_kind =kind end "
     "$kind #3 i32.and &kind if "
     "  #READ $site $at #16 i32.add #4 $first #0 $kind #1 i32.gt_u select i32.add i64.extend_i32_u call:host_range end "
     "$kind #3 i32.eq if #READ $site $at $first i32.add #24 i32.add ##18 call:host_range end " NEXT},

    {"host_events", "site:i at:i n:i", "", "i:i",
     EACH("n") "$at call:room ##26 i64.lt_u br_if:1 "
     "#WRITE $site $at ##11 call:host_range #WRITE $site $at #16 i32.add ##10 call:host_range "
     "$at #32 i32.add =at " NEXT},

    /* Where a descriptor stands in the list of directories' names; 0 if it does not. */
    {"host_find_name", "fd:i", "i", "i:i n:i",
     "#0 i32.load@call+16 =n "
     EACH("n") "$i #3 i32.shl i32.load@names $fd i32.eq if $i #3 i32.shl #NAMES i32.add return end " NEXT "#0"},

    /* How long a directory's name is; -1 if that is not known. */
    {"host_name", "fd:i", "i", "at:i",
     "$fd call:host_find_name &at if $at i32.load@trace+4 return end #-1"},

    {"host_note_name", "fd:i size:i", "", "at:i",
     "$fd call:host_find_name &at i32.eqz if "
     "  #0 i32.load@call+16 &at #NAMES_MAX i32.ge_u $size #-1 i32.eq i32.or if return end "
     "  #0 $at #1 i32.add i32.store@call+16 "
     "  $at #3 i32.shl #NAMES i32.add &at $fd i32.store@trace end "
     "$at $size i32.store@trace+4"},
};
/* clang-format on */

enum { FUNCTIONS = sizeof functions / sizeof *functions };
static_assert(FUNCTIONS == sizeof((struct rewriter *)0)->host.functions / sizeof(uint32_t),
              "in the order of enum wasi_fn");

/* room(address: i32) -> i64: how many bytes of the host's memory there are from that address on. */
static bool add_room(struct rewriter *rw)
{
    enum { ADDRESS, SIZE };
    uint32_t memory = rw->sites->host_memory;
    struct buf *b;
    if (!rewriter_add_func(rw, "i", "l", "_trace_host_room", &rw->host.room, &b))
        return false;
    wasm_put_u32(b, 1);
    wasm_put_u32(b, 1);
    buf_put_u8(b, WASM_TYPE_I64);
    wasm_put_op_u32(b, WASM_OP_MEMORY_SIZE, memory);
    if (!memory_is_64(rw, memory))
        wasm_put_op(b, WASM_OP_I64_EXTEND_I32_U);
    wasm_put_i64_const(b, rw->in->memories[memory].page_size_log2);
    wasm_put_op(b, WASM_OP_I64_SHL);
    put_get(b, ADDRESS);
    wasm_put_op(b, WASM_OP_I64_EXTEND_I32_U);
    wasm_put_op(b, WASM_OP_I64_SUB);
    put_tee(b, SIZE);
    wasm_put_i64_const(b, 0);
    put_get(b, SIZE);
    wasm_put_i64_const(b, 0);
    wasm_put_op(b, WASM_OP_I64_GT_S);
    wasm_put_op(b, WASM_OP_SELECT);
    wasm_put_op(b, WASM_OP_END);
    return true;
}

/* peek(address: i32): what stands there, 0 outside of memory. */
static bool add_peek(struct rewriter *rw, unsigned log2)
{
    static const enum wasm_opcode loads[] = {WASM_OP_I32_LOAD8_U, WASM_OP_I32_LOAD16_U, WASM_OP_I32_LOAD,
                                             WASM_OP_I64_LOAD};
    char name[] = "_trace_host_peek_1";
    name[sizeof name - 2] = (char)('0' + (1 << log2));
    struct buf *b;
    if (!rewriter_add_func(rw, "i", log2 == 3 ? "l" : "i", name, &rw->host.peek[log2], &b))
        return false;
    wasm_put_u32(b, 0);
    put_get(b, 0);
    wasm_put_op_u32(b, WASM_OP_CALL, rw->host.room);
    wasm_put_i64_const(b, INT64_C(1) << log2);
    wasm_put_op(b, WASM_OP_I64_LT_U);
    put_open(b, WASM_OP_IF);
    if (log2 == 3)
        wasm_put_i64_const(b, 0);
    else
        wasm_put_i32_const(b, 0);
    wasm_put_op(b, WASM_OP_RETURN);
    wasm_put_op(b, WASM_OP_END);
    put_get(b, 0);
    if (memory_is_64(rw, rw->sites->host_memory))
        wasm_put_op(b, WASM_OP_I64_EXTEND_I32_U);
    wasm_put_op(b, loads[log2]);
    wasm_put_memarg(b, 0, rw->sites->host_memory, 0);
    wasm_put_op(b, WASM_OP_END);
    return true;
}

bool wasi_add_functions(struct rewriter *rw)
{
    if (!add_room(rw))
        return false;
    for (unsigned log2 = 0; log2 < 4; log2++)
        if (!add_peek(rw, log2))
            return false;
    const struct asm_name constants[] = {
        {"room", rw->host.room},
        {"peek_1", rw->host.peek[0]},
        {"peek_2", rw->host.peek[1]},
        {"peek_4", rw->host.peek[2]},
        {"peek_8", rw->host.peek[3]},
        {"make_room", rw->flush},
        {"POINTER", rw->pointer},
        {"LIMIT", rw->limit},
        {"READ", record_head(SITE_HOST_READ, 3, 0)},
        {"WRITE", record_head(SITE_HOST_WRITE, 3, 0)},
        {"BADF", BADF},
        {"INVAL", INVAL},
        {"NOMEM", NOMEM},
        {"INPUT_MAX", INPUT_MAX},
        {"TABLE_MAX", INPUT_MAX / 8},
        {"SUBS_MAX", INPUT_MAX / 48},
        {"IOVECS_MAX", SCRATCH_IOVECS_MAX},
        {"KINDS_MAX", SCRATCH_IOVECS_MAX * 8},
        {"NAMES", GUEST_NAMES},
        {"NAMES_MAX", GUEST_NAMES_MAX},
        {0},
    };
    const struct asm_memory memories[] = {
        {"trace", rw->trace_memory, 0},
        {"iovecs", rw->trace_memory, SCRATCH_IOVECS},
        {"call", rw->trace_memory, SCRATCH_CALL},
        {"names", rw->trace_memory, GUEST_NAMES},
        {0},
    };
    return asm_add_funcs(rw, functions, FUNCTIONS, constants, memories, rw->host.functions);
}
