/* Fills and copies of few bytes, which programs make by the million: what the host does for others (analyze/range.h), in functions
 * of the added code.  A call of the host costs as much as going over some hundred bytes. */
#include "rewrite/asm.h"
#include "rewrite/online.h"
#include "trace/planes.h"

#include <assert.h>

static_assert(2 * (8 + 8 * LOG_PARTS_MAX) <= LOG_SLACK, "a range may log what it overwrites, and the writers of that");

/* From $ea, a whole granule, or four of them, are left. */
#define WHOLE "$ea #3 i32.and i32.eqz if "
#define LEFT(size) "$end $ea i32.sub #" size " i32.ge_u if "
#define NEXT(size, label) "$ea #" size " i32.add =ea br:" label " "
#define EACH "block loop $ea $end i32.ge_u br_if:1 "
#define OR_GIVE_UP "i32.eqz if #0 return end "
#define MET(bytes) "$p $m #" bytes " call:part " OR_GIVE_UP

/* clang-format would break the rows of the texts at every macro. */
/* clang-format off */
static const struct asm_func functions[] = {
    /* An entry of the log that begins at $p: one more part of it, or more of its last one.  0: there is no room. */
    {"part", "p:i m:i bytes:i", "i", "n:i at:i",
     "$p i32.load@log+4 &n #3 i32.shl $p i32.add =at "
     "$n if $at i32.load@log $m i32.eq if $at $at i32.load@log+4 $bytes i32.add i32.store@log+4 #1 return end end "
     "$n #PARTS i32.eq if #0 return end "
     "$at $m i32.store@log+8 $at $bytes i32.store@log+12 $p $n #1 i32.add i32.store@log+4 #1"},
    {"entry_end", "p:i", "i", "n:i", "$p i32.load@log+4 &n if $p $n #3 i32.shl i32.add #8 i32.add return end $p"},

    /* The unread bytes that a range overwrites.  Where granules are mixed or only touched in part, the planes of bytes
     * are the ones that count from then on.  0: the host is to do all of it. */
    {"range_dead", "ea:i end:i p:i", "i", "m:i",
     EACH
     WHOLE
     LEFT("16") "$ea v128.load@touch #65 i32x4.splat v128.and v128.any_true i32.eqz if " NEXT("16", "3") "end end "
     LEFT("4") "$ea i32.load@touch &m #64 i32.and i32.eqz if $m #1 i32.and if " MET("4") "end " NEXT("4", "3") "end end "
     "end "
     "$ea call:split_both " OR_GIVE_UP
     "$ea #2 i32.shl i32.load@touch_bytes &m #1 i32.and if " MET("1") "end " NEXT("1", "0")
     "end end #1"},
    /* Behind it: the writers of all bytes. */
    {"range_silent", "ea:i end:i p:i", "i", "m:i",
     EACH
     WHOLE
     LEFT("4") "$ea i32.load@writer &m #64 i32.and i32.eqz if " MET("4") NEXT("4", "3") "end end "
     "end "
     "$ea #2 i32.shl i32.load@writer_bytes =m " MET("1") NEXT("1", "0")
     "end end #1"},
    /* Behind it: leaves the mark $own. */
    {"range_put", "ea:i end:i own:i", "", "v:v",
     "$own i32x4.splat =v "
     EACH
     WHOLE
     LEFT("16") "$ea $v v128.store@touch $ea $v v128.store@writer " NEXT("16", "2") "end "
     LEFT("4") "$ea $own i32.store@touch $ea $own i32.store@writer " NEXT("4", "2") "end "
     "end "
     "$ea #2 i32.shl $own i32.store@touch_bytes $ea #2 i32.shl $own i32.store@writer_bytes " NEXT("1", "0")
     "end end"},
    /* What a copy reads gets the mark $own; 0 as above. */
    {"range_fetch", "ea:i end:i own:i", "i", "m:i v:v",
     "$own i32x4.splat =v "
     EACH
     WHOLE
     LEFT("16") "$ea v128.load@touch #64 i32x4.splat v128.and v128.any_true i32.eqz "
     "  if $ea $v v128.store@touch " NEXT("16", "3") "end end "
     LEFT("4") "$ea i32.load@touch &m #64 i32.and i32.eqz if $ea $own i32.store@touch " NEXT("4", "3") "end "
     "  $m #-1 i32.eq if $ea #2 i32.shl $v v128.store@touch_bytes " NEXT("4", "3") "end end "
     "end "
     "$ea call:split " OR_GIVE_UP
     "$ea #2 i32.shl $own i32.store@touch_bytes " NEXT("1", "0")
     "end end #1"},

    /* All that a fill or copy does to the planes, once it is done itself.  $head: its record's,
     * whose site's mark $own becomes (mark_make).  0: the host is to do it, who may well do again what was done until then. */
    {"range", "to:i from:i size:i head:i copy:i silent:i", "i", "own:i p:i q:i end:i at:i",
     "$size #RANGE_MAX i32.gt_u if #0 return end "
     "$head #2 i32.shr_u #-4 i32.and &own #0x3f i32.and #SHAPE i32.or $own #2 i32.shl #0x7f00 i32.and i32.or "
     "$own #3 i32.shl #0x7f0000 i32.and i32.or $own #4 i32.shl #0x7f000000 i32.and i32.or =own "
     "$copy if $from $from $size i32.add $own call:range_fetch " OR_GIVE_UP "end "
     "$own #FLAGS i32.or =own $to $size i32.add =end "
     "global.get:LOG_AT &p #0 i32.store@log+4 $to $end $p call:range_dead " OR_GIVE_UP
     "$p call:entry_end &q #0 i32.store@log+4 $silent if $to $end $q call:range_silent " OR_GIVE_UP "end "
     "$to $end $own call:range_put "
     "$p $own #LOG_PARTS i32.or i32.store@log $q $own #SILENT i32.and #LOG_PARTS i32.or i32.store@log "
     "$q call:entry_end call:logged "
     "#COPIES #FILLS $copy select &at $at i64.load@cells ##1 i64.add i64.store@cells "
     "$at $at i64.load@cells+8 $size i64.extend_i32_u i64.add i64.store@cells+8 #1"},
};
/* clang-format on */

enum { FUNCTIONS = sizeof functions / sizeof *functions };

bool online_add_range(struct rewriter *rw, const struct asm_memory *memories, const struct range_calls *calls)
{
    const struct asm_name constants[] = {
        {"split", calls->split},
        {"split_both", calls->split_both},
        {"logged", calls->logged},
        {"LOG_AT", rw->log_at},
        {"LOG_PARTS", (int32_t)LOG_PARTS},
        {"PARTS", LOG_PARTS_MAX},
        {"RANGE_MAX", RANGE_MAX},
        {"SHAPE", MARK_SHAPE},
        {"FLAGS", MARK_PUT | MARK_UNREAD},
        {"SILENT", ~MARK_FLAGS},
        {"FILLS", CELLS_FILLS},
        {"COPIES", CELLS_COPIES},
        {0},
    };
    uint32_t index[FUNCTIONS];
    if (!asm_add_funcs(rw, functions, FUNCTIONS, constants, memories, index))
        return false;
    rw->online_range = index[FUNCTIONS - 1];
    return true;
}
