/* The functions that the code for the planes calls (trace/planes.h): all that an access does when it is not like the last
 * one of its site. */
#include "rewrite/asm.h"
#include "rewrite/online.h"
#include "trace/planes.h"

#include <assert.h>
#include <string.h>

static_assert(CELLS_TICK == 24 && CELLS_ARG_MARK == 32 && CELLS_ARG_WORD == 36 && CELLS_ARG_COUNT == 40 &&
                  CELLS_WATCH == 48,
              "the texts below say so");

/* Uniform: all marks of an access are alike. */
#define UNIFORM(v, lane) "$" v " $" v " i32x4.extract_lane:0 &" lane " i32x4.splat i32x4.eq i32x4.all_true "

/* A scalar access that the host is to do; ends the function. */
#define TO_HOST(silent) "$ea $own " silent " call:scalar return "

/* The first half of the marks of bytes, two vectors, to the log. */
#define LOG_BYTES(lanes, own, plane)                                                                                   \
    "global.get:LOG_AT &p $" own " #LOG_LANES i32.or i32.store@log $p #" lanes " i32.store@log+4 "                     \
    "$p ##1 i64.store@log+8 "                                                                                          \
    "$p $fine v128.load@" plane " v128.store@log+16 $p $fine v128.load@" plane "+16 v128.store@log+32 "

/* Whether all granules at $ea have marks of their own, or none; or'ed to what is on the stack. */
#define COARSE(test, mixed) "$ea #3 i32.and i32.eqz $met " mixed " " test " i32.and i32.or "

/* One more in the cell's number at `field`. */
#define BUMP(field) "$cell $cell i64.load@cells+" field " ##1 i64.add i64.store@cells+" field " "
/* The count $n of a store's slot is met elsewhere from now on. */
#define EVICTED(field) "$cell $cell i64.load@cells+" field " $n i64.add i64.store@cells+" field " "

/* Entries of the log: $n times $own met the key at `key` of the cell. */
#define ENTRY1(key)                                                                                                    \
    "global.get:LOG_AT &p $own #LOG_COUNT i32.or i32.store@log $p $cell i32.load@cells+" key " i32.store@log+4 "       \
    "$p $n i64.store@log+8 $p #16 i32.add global.set:LOG_AT "
#define ENTRY2(key)                                                                                                    \
    "global.get:LOG_AT &p $own #LOG_LANES i32.or i32.store@log $p #2 i32.store@log+4 $p $n i64.store@log+8 "           \
    "$p $cell i64.load@cells+" key " i64.store@log+16 $p #24 i32.add global.set:LOG_AT "
#define ENTRY4(key)                                                                                                    \
    "global.get:LOG_AT &p $own #LOG_LANES i32.or i32.store@log $p #4 i32.store@log+4 $p $n i64.store@log+8 "           \
    "$p $cell v128.load@cells+" key " v128.store@log+16 $p #32 i32.add global.set:LOG_AT "

#define FULL_LOG "global.get:LOG_AT #LOG_MASK i32.and #LOG_FULL i32.gt_u if call:flush end "

/* Now and then, behind an access: the host may watch what it touched. */
#define TICK "#0 #0 i32.load@cells+48 #1 i32.sub &p i32.store@cells+48 $p i32.eqz if $ea $own call:watch end "

/* $met is not the first slot's key: counts it in the second slot if it is that one's, and trades the slots if the second
 * now counts more; else the second slot goes to the log, the first becomes the second, and $met the key of the first.  Needs
 * the locals n, m and p. */
#define NOTE(load, equal, entry, evicted, key0, count0, key1, count1)                                                  \
    "$cell i64.load@cells+" count0 " =m $cell " load ".load@cells+" key1 " $met " equal                                \
    "if $cell i64.load@cells+" count1 " ##1 i64.add &n $m $m ##1 i64.shr_u i64.add ##8 i64.add i64.gt_u "              \
    "  if $cell $cell " load ".load@cells+" key0 " " load ".store@cells+" key1 " $cell $m i64.store@cells+" count1 " " \
    "    $cell $met " load ".store@cells+" key0 " $cell $n i64.store@cells+" count0 " "                                \
    "  else $cell $n i64.store@cells+" count1 " end "                                                                  \
    "else $cell i64.load@cells+" count1 " &n i64.eqz i32.eqz if " entry(key1) evicted                                  \
        "end "                                                                                                         \
        "  $cell $cell " load ".load@cells+" key0 " " load ".store@cells+" key1 " $cell $m i64.store@cells+" count1    \
        " "                                                                                                            \
        "  $cell $met " load ".store@cells+" key0 " $cell ##1 i64.store@cells+" count0 " " FULL_LOG "end "
#define NOTE1(evicted, key0, count0, key1, count1) NOTE("i32", "i32.eq ", ENTRY1, evicted, key0, count0, key1, count1)
#define NOTE2(evicted, key0, count0, key1, count1) NOTE("i64", "i64.eq ", ENTRY2, evicted, key0, count0, key1, count1)
#define NOTE4(evicted, key0, count0, key1, count1)                                                                     \
    NOTE("v128", "v128.xor v128.any_true i32.eqz ", ENTRY4, evicted, key0, count0, key1, count1)

/* The same for a load, whose first slot says what was met elsewhere ($counter counts the present access already). */
#define MEET(load, equal, entry, key0, elsewhere, key1, count1)                                                        \
    "$counter i64.load@cells &m $cell i64.load@cells+" elsewhere " i64.sub ##1 i64.sub =m "                            \
    "$cell " load ".load@cells+" key1 " $met " equal "if $cell i64.load@cells+" count1                                 \
    " ##1 i64.add &n $m $m ##1 i64.shr_u i64.add ##8 i64.add i64.gt_u "                                                \
    "  if $cell $cell " load ".load@cells+" key0 " " load ".store@cells+" key1 " $cell $m i64.store@cells+" count1 " " \
    "    $cell $met " load ".store@cells+" key0                                                                        \
    "    $cell $counter i64.load@cells $n i64.sub i64.store@cells+" elsewhere                                          \
    "  else $cell $n i64.store@cells+" count1                                                                          \
    " " BUMP(elsewhere) "end "                                                                                         \
                        "else $cell i64.load@cells+" count1 " &n i64.eqz i32.eqz if " entry(                           \
                            key1) "end "                                                                               \
                                  "  $cell $cell " load ".load@cells+" key0 " " load ".store@cells+" key1              \
                                  " $cell $m i64.store@cells+" count1 " "                                              \
                                  "  $cell $met " load ".store@cells+" key0                                            \
                                  "  $cell $counter i64.load@cells ##1 i64.sub i64.store@cells+" elsewhere             \
                                  " " FULL_LOG TICK "end "
#define MEET1 MEET("i32", "i32.eq ", ENTRY1, "0", "8", "16", "24")
#define MEET2 MEET("i64", "i64.eq ", ENTRY2, "0", "8", "16", "24")
#define MEET4 MEET("v128", "v128.xor v128.any_true i32.eqz ", ENTRY4, "0", "16", "24", "40")

/* A silent store of these writers met, as a function: they may be the first slot's. */
#define SILENT(name, type, load, differ, note, key0, count0)                                                           \
    {name, "own:i met:" type " cell:i", "", "n:l m:l p:i",                                                             \
     "$own #SILENT i32.and =own $cell " load ".load@cells+" key0 " $met " differ "if " note                            \
     " else $cell $cell i64.load@cells+" count0 " ##1 i64.add i64.store@cells+" count0 " end"}
/* The same for what a store met, which is only a key if all of it is unread. */
#define DEAD(name, type, load, differ, unread, note, key0, count0, other)                                              \
    {name, "own:i met:" type " cell:i", "", "n:l m:l p:i",                                                             \
     unread "if $cell " load ".load@cells+" key0 " $met " differ "  if " note                                          \
            " else $cell $cell i64.load@cells+" count0 " ##1 i64.add i64.store@cells+" count0 " end "                  \
            "else " other " end"}

/* Whether to settle the granules at $ea: code that mixes aligned and other loads would split them again at once, so that is
 * done once in sixteen times. */
#define NOW_AND_THEN                                                                                                   \
    "$ea #3 i32.and #0 #0 i32.load@cells+24 #1 i32.add i32.store@cells+24 #0 i32.load@cells+24 #15 i32.and i32.or "    \
    "i32.eqz "

/* Rows of marks of bytes are many, but what counts of them are few: a load that met a byte that nobody had touched is not silent,
 * whatever it met besides, and a store makes only bytes dead that nobody has read.  So the rest becomes MARK_NOBODY. */
#define NOBODY "#NOBODY i32x4.splat "
#define HAS_NOBODY(v) "$" v " " NOBODY "i32x4.eq "
#define LOADED(v) HAS_NOBODY(v) "v128.any_true if " NOBODY "=" v " end "
#define LOADED2(v, more)                                                                                               \
    HAS_NOBODY(v) HAS_NOBODY(more) "v128.or v128.any_true if " NOBODY "=" v " " NOBODY "=" more " end "
#define STORED(v) "$" v " " NOBODY "$" v " #1 i32x4.splat v128.and #1 i32x4.splat i32x4.eq v128.bitselect "

/* A store that is not silent and starts at a granule makes all of its granules its own: nothing has to be split for it, but what they
 * had is to be counted, if any of it is unread ($some). */
#define OVERWRITES "$ea #3 i32.and $silent i32.or $ea #FINE_LAST i32.gt_u i32.or i32.eqz if "
/* Whether code can tell about the granule with this mark. */
#define IS_KNOWN(m) "$" m " #SHAPE_MASK i32.and #SHAPE i32.eq $" m " i32.eqz i32.or $" m " #-1 i32.eq i32.or "
/* The marks of its bytes, `at` behind $fine in their plane. */
#define BYTES_OF(m, at) "$fine v128.load@touch_bytes+" at " $" m " i32x4.splat $" m " #-1 i32.eq select "
/* Whether any of the marks on the stack is unread. */
#define IS_UNREAD "#1 i32x4.splat v128.and v128.any_true &some "

/* The byte planes' address of $ea. */
#define FINE "$ea #2 i32.shl "

/* A row of marks of bytes that $own met, in its table of rows; needs the locals e, p and n.  Where it has no entry of its own, what has
 * the entry goes to the log. */
#define ROW_ENTRY(first, last, log2)                                                                                   \
    "$" first " i32x4.extract_lane:0 $" last " i32x4.extract_lane:3 #31 i32.mul i32.add $own i32.add #FACTOR i32.mul " \
    "#ROWS_SHIFT i32.shr_u #" log2 " i32.shl =e "
#define ROW4(v)                                                                                                        \
    ROW_ENTRY(v, v, "5")                                                                                               \
    "$e i32.load@rows4 $own i32.eq $e v128.load@rows4+16 $" v " v128.xor v128.any_true i32.eqz i32.and "               \
    "if $e $e i64.load@rows4+8 ##1 i64.add i64.store@rows4+8 "                                                         \
    "else $e i64.load@rows4+8 &n i64.eqz i32.eqz if "                                                                  \
    "  global.get:LOG_AT &p $e i32.load@rows4 #LOG_LANES i32.or i32.store@log $p #4 i32.store@log+4 "                  \
    "  $p $n i64.store@log+8 $p $e v128.load@rows4+16 v128.store@log+16 $p #32 i32.add call:logged end "               \
    "$e $own i32.store@rows4 $e ##1 i64.store@rows4+8 $e $" v " v128.store@rows4+16 end "
#define ROW8(v, more)                                                                                                  \
    ROW_ENTRY(v, more, "6")                                                                                            \
    "$e i32.load@rows8 $own i32.eq $e v128.load@rows8+16 $" v " v128.xor $e v128.load@rows8+32 $" more                 \
    " v128.xor v128.or v128.any_true i32.eqz i32.and "                                                                 \
    "if $e $e i64.load@rows8+8 ##1 i64.add i64.store@rows8+8 "                                                         \
    "else $e i64.load@rows8+8 &n i64.eqz i32.eqz if "                                                                  \
    "  global.get:LOG_AT &p $e i32.load@rows8 #LOG_LANES i32.or i32.store@log $p #8 i32.store@log+4 "                  \
    "  $p $n i64.store@log+8 $p $e v128.load@rows8+16 v128.store@log+16 $p $e v128.load@rows8+32 v128.store@log+32 "   \
    "  $p #48 i32.add call:logged end "                                                                                \
    "$e $own i32.store@rows8 $e ##1 i64.store@rows8+8 $e $" v " v128.store@rows8+16 $e $" more                         \
    " v128.store@rows8+32 end "

static const struct asm_func functions[] = {
    /* The log is written; $p is its new end. */
    {"flush", "", "", "", "global.get:LOG_AT host:1 global.set:LOG_AT"},
    {"logged", "p:i", "", "", "$p global.set:LOG_AT $p #LOG_MASK i32.and #LOG_FULL i32.gt_u if call:flush end"},
    {"log1", "own:i met:i", "", "p:i",
     "global.get:LOG_AT &p $own i32.store@log $p $met i32.store@log+4 $p #8 i32.add call:logged"},
    {"log2", "own:i met:l", "", "p:i",
     "global.get:LOG_AT &p $own #LOG_LANES i32.or i32.store@log $p #2 i32.store@log+4 $p ##1 i64.store@log+8 "
     "$p $met i64.store@log+16 $p #24 i32.add call:logged"},
    {"log4", "own:i met:v", "", "p:i",
     "global.get:LOG_AT &p $own #LOG_LANES i32.or i32.store@log $p #4 i32.store@log+4 $p ##1 i64.store@log+8 "
     "$p $met v128.store@log+16 $p #32 i32.add call:logged"},

    /* Rows of marks of bytes, counted in the tables of rows. */
    {"row4", "own:i met:v", "", "e:i p:i n:l", ROW4("met")},
    {"row8", "own:i met:v more:v", "", "e:i p:i n:l", ROW8("met", "more")},

    SILENT("silent1", "i", "i32", "i32.ne ", NOTE1("", "32", "40", "48", "56"), "32", "40"),
    SILENT("silent2", "l", "i64", "i64.ne ", NOTE2("", "32", "40", "48", "56"), "32", "40"),
    SILENT("silent4", "v", "v128", "v128.xor v128.any_true ", NOTE4("", "48", "64", "72", "88"), "48", "64"),
    DEAD("dead1", "i", "i32", "i32.ne ", "$met #1 i32.and ", NOTE1(EVICTED("64"), "0", "8", "16", "24"), "0", "8", ""),
    DEAD("dead2", "l", "i64", "i64.ne ", "$met ##UNREAD2 i64.and ##UNREAD2 i64.eq ",
         NOTE2(EVICTED("64"), "0", "8", "16", "24"), "0", "8",
         "$met ##UNREAD2 i64.and i64.eqz i32.eqz if $own $met call:log2 " BUMP("64") "end "),
    DEAD("dead4", "v", "v128", "v128.xor v128.any_true ", "$met #1 i32x4.splat v128.and i32x4.all_true ",
         NOTE4(EVICTED("96"), "0", "16", "24", "40"), "0", "16",
         "$met #1 i32x4.splat v128.and v128.any_true if $own $met call:log4 " BUMP("96") "end "),

    {"watch", "ea:i own:i", "", "", "#0 $own i32.store@cells+32 #0 $ea i32.store@cells+36 #0 host:4 drop"},

    {"scalar", "ea:i own:i silent:i", "", "",
     "#0 $own i32.store@cells+32 #0 $ea i32.store@cells+36 #0 $silent i64.extend_i32_u i64.store@cells+40 "
     "#0 host:2 drop"},

    /* Gives the bytes of the granule of $ea marks of their own; 0 where that is the host's business. */
    {"split", "ea:i", "i", "granule:i met:i",
     "$ea #-4 i32.and &granule i32.load@touch &met #PENDING i32.eq "
     "if #0 host:3 drop $granule i32.load@touch &met #PENDING i32.eq if #0 return end end $met #-1 i32.eq if #1 return "
     "end "
     "$ea #FINE_END i32.gt_u if #0 return end "
     "$granule #2 i32.shl $met #NOBODY $met select i32x4.splat v128.store@touch_bytes "
     "$granule #-1 i32.store@touch #1"},
    /* The same also as to what wrote them. */
    {"split_both", "ea:i", "i", "granule:i writer:i",
     "$ea call:split i32.eqz if #0 return end $ea #-4 i32.and &granule i32.load@writer &writer #-1 i32.ne "
     "if $granule #2 i32.shl $writer i32x4.splat v128.store@writer_bytes $granule #-1 i32.store@writer end #1"},
    /* Makes the granule at $ea plain again if it is mixed and its bytes agree. */
    {"settle", "ea:i", "", "fine:i touch:v writer:v t:i w:i",
     FINE "&fine v128.load@touch_bytes =touch " UNIFORM(
         "touch", "t") "i32.eqz if return end $ea i32.load@writer &w #-1 i32.eq "
                       "if $fine v128.load@writer_bytes =writer " UNIFORM(
                           "writer", "w") "i32.eqz if return end end "
                                          "$ea $t i32.store@touch $ea $w i32.store@writer"},

    /* Accesses that meet other granules than plain ones.  What they met is counted byte by byte. */
    {"odd4", "ea:i own:i", "", "fine:i v:v e:i p:i n:l",
     "$ea i32.load@touch #-1 i32.ne if "
     "$ea call:split $ea #3 i32.add call:split i32.and i32.eqz if " TO_HOST(
         "#0") "end end " FINE "=fine "
               "$fine v128.load@touch_bytes =v $fine $own i32x4.splat v128.store@touch_bytes " LOADED("v") ROW4("v")
                   NOW_AND_THEN "if $ea call:settle end"},
    {"odd8", "ea:i own:i", "", "fine:i v:v met:v more:v e:i p:i n:l",
     "$ea i64.load@touch ##-1 i64.ne if "
     "$ea call:split $ea #4 i32.add call:split $ea #7 i32.add call:split i32.and i32.and i32.eqz "
     "if " TO_HOST("#0") "end end " FINE
                         "=fine $fine v128.load@touch_bytes =met $fine v128.load@touch_bytes+16 =more " LOADED2("met",
                                                                                                                "more")
                             ROW8("met", "more") "$own i32x4.splat =v $fine $v v128.store@touch_bytes $fine $v "
                                                 "v128.store@touch_bytes+16 " NOW_AND_THEN
                                                 "if $ea call:settle $ea #4 i32.add call:settle end"},
    {"odd16", "ea:i own:i", "", "fine:i p:i v:v",
     "$ea call:split $ea #4 i32.add call:split $ea #8 i32.add call:split $ea #12 i32.add call:split "
     "$ea #15 i32.add call:split i32.and i32.and i32.and i32.and i32.eqz if " TO_HOST(
         "#0") "end " FINE
               "=fine " LOG_BYTES(
                   "16", "own",
                   "touch_bytes") "$p $fine v128.load@touch_bytes+32 v128.store@log+48 "
                                  "$p $fine v128.load@touch_bytes+48 v128.store@log+64 $p #80 i32.add call:logged "
                                  "$own i32x4.splat =v $fine $v v128.store@touch_bytes $fine $v "
                                  "v128.store@touch_bytes+16 "
                                  "$fine $v v128.store@touch_bytes+32 $fine $v v128.store@touch_bytes+48"},
    /* Those of 4 and 8 bytes return 1 unless they met nothing to be counted.  clang-format would break their rows at every macro. */
    /* clang-format off */
    {"oddstore4", "ea:i own:i silent:i", "i", "fine:i v:v m:i some:i",
     OVERWRITES "$ea i32.load@touch =m " IS_KNOWN("m") "if "
     FINE "=fine " BYTES_OF("m", "0") "&v " IS_UNREAD "if $own " STORED("v") "call:row4 end "
     "$ea $own i32.store@touch $ea $own i32.store@writer $some return end end "
     "$ea i32.load@touch $ea i32.load@writer i32.and #-1 i32.ne if "
     "$ea call:split_both $ea #3 i32.add call:split_both i32.and i32.eqz if $ea $own $silent call:scalar #1 return end end "
     FINE "=fine $fine v128.load@touch_bytes =v $own " STORED("v") "call:row4 "
     "$silent if $own #SILENT i32.and $fine v128.load@writer_bytes call:row4 end "
     "$ea #3 i32.and i32.eqz if $ea $own i32.store@touch $ea $own i32.store@writer #1 return end "
     "$own i32x4.splat =v $fine $v v128.store@touch_bytes $fine $v v128.store@writer_bytes #1"},
    {"oddstore8", "ea:i own:i silent:i", "i", "fine:i v:v more:v both:l m:i k:i some:i",
     "$own i64.extend_i32_u ##TWICE i64.mul =both "
     OVERWRITES "$ea i32.load@touch =m $ea i32.load@touch+4 =k " IS_KNOWN("m") IS_KNOWN("k") "i32.and if "
     FINE "=fine " BYTES_OF("m", "0") "&v " BYTES_OF("k", "16") "&more v128.or " IS_UNREAD
     "if $own " STORED("v") STORED("more") "call:row8 end "
     "$ea $both i64.store@touch $ea $both i64.store@writer $some return end end "
     "$ea i64.load@touch $ea i64.load@writer i64.and ##-1 i64.ne if "
     "$ea call:split_both $ea #4 i32.add call:split_both $ea #7 i32.add call:split_both i32.and i32.and i32.eqz "
     "if $ea $own $silent call:scalar #1 return end end "
     FINE "=fine $fine v128.load@touch_bytes =v $fine v128.load@touch_bytes+16 =more "
     "$own " STORED("v") STORED("more") "call:row8 "
     "$silent if $own #SILENT i32.and $fine v128.load@writer_bytes $fine v128.load@writer_bytes+16 call:row8 end "
     "$ea #3 i32.and i32.eqz if $ea $both i64.store@touch $ea $both i64.store@writer #1 return end "
     "$own i32x4.splat =v $fine $v v128.store@touch_bytes $fine $v v128.store@touch_bytes+16 "
     "$fine $v v128.store@writer_bytes $fine $v v128.store@writer_bytes+16 #1"},
    /* clang-format on */
    {"oddstore16", "ea:i own:i silent:i", "", "fine:i p:i v:v quiet:i",
     "$ea call:split_both $ea #4 i32.add call:split_both $ea #8 i32.add call:split_both $ea #12 i32.add "
     "call:split_both "
     "$ea #15 i32.add call:split_both i32.and i32.and i32.and i32.and i32.eqz if " TO_HOST(
         "$silent") "end " FINE
                    "=fine " LOG_BYTES(
                        "16", "own",
                        "touch_bytes") "$p $fine v128.load@touch_bytes+32 v128.store@log+48 "
                                       "$p $fine v128.load@touch_bytes+48 v128.store@log+64 $p #80 i32.add call:logged "
                                       "$silent if $own #SILENT i32.and =quiet " LOG_BYTES(
                                           "16", "quiet",
                                           "writer_bytes") "$p $fine v128.load@writer_bytes+32 v128.store@log+48 "
                                                           "$p $fine v128.load@writer_bytes+48 v128.store@log+64 $p "
                                                           "#80 i32.add call:logged end "
                                                           "$own i32x4.splat =v $ea #3 i32.and i32.eqz if $ea $v "
                                                           "v128.store@touch $ea $v v128.store@writer return end "
                                                           "$fine $v v128.store@touch_bytes $fine $v "
                                                           "v128.store@touch_bytes+16 "
                                                           "$fine $v v128.store@touch_bytes+32 $fine $v "
                                                           "v128.store@touch_bytes+48 "
                                                           "$fine $v v128.store@writer_bytes $fine $v "
                                                           "v128.store@writer_bytes+16 "
                                                           "$fine $v v128.store@writer_bytes+32 $fine $v "
                                                           "v128.store@writer_bytes+48"},

    /* What the code at a site calls: an access that did not meet its first key, and has done nothing yet to the planes. */
    {"load1", "ea:i own:i cell:i counter:i", "", "fine:i met:i n:l m:l p:i",
     "$ea i32.load8_u@touch #255 i32.ne if $ea call:split i32.eqz if " BUMP("8")
         TO_HOST("#0") "end end " FINE "&fine i32.load@touch_bytes =met $fine $own i32.store@touch_bytes " MEET1},
    {"load2", "ea:i own:i cell:i counter:i", "", "fine:i met:l n:l m:l p:i",
     "$ea i32.load16_u@touch #65535 i32.ne "
     "if $ea call:split $ea #1 i32.add call:split i32.and i32.eqz if " BUMP("8")
         TO_HOST("#0") "end end " FINE "&fine i64.load@touch_bytes =met $fine $own i64.extend_i32_u ##TWICE i64.mul "
                       "i64.store@touch_bytes " MEET2},
    {"load4", "ea:i own:i cell:i counter:i", "", "met:i n:l m:l p:i",
     "$ea i32.load@touch &met #SHAPE_MASK i32.and #SHAPE i32.eq "
     "if $ea $own i32.store@touch " MEET1 "return end "
     "$met $ea #3 i32.and i32.or i32.eqz if $ea $own i32.store@touch " BUMP("8") "$own $met call:log1 return end " BUMP(
         "8") BUMP("40") "$ea $own call:odd4"},
    {"load8", "ea:i own:i cell:i counter:i", "", "met:l n:l m:l p:i",
     "$ea i64.load@touch &met ##SHAPE_MASK2 i64.and ##SHAPE2 i64.eq "
     "if $ea $own i64.extend_i32_u ##TWICE i64.mul i64.store@touch " MEET2 "return end "
     "#0 " COARSE("i64.and i64.eqz", "##MIXED2") "if $ea $own i64.extend_i32_u ##TWICE i64.mul i64.store@touch " BUMP(
         "8") "$own $met call:log2 return end " BUMP("8") BUMP("40") "$ea $own call:odd8"},
    {"load16", "ea:i own:i cell:i counter:i", "", "met:v n:l m:l p:i",
     "$ea v128.load@touch &met #SHAPE_MASK i32x4.splat v128.and #SHAPE i32x4.splat i32x4.eq i32x4.all_true "
     "if $ea $own i32x4.splat v128.store@touch " MEET4 "return end "
     "#0 " COARSE(
         "v128.and v128.any_true i32.eqz",
         "#MIXED i32x4.splat") "if $ea $own i32x4.splat v128.store@touch " BUMP("16") "$own $met call:log4 return "
                                                                                      "end " BUMP("16")
                                                                                          BUMP("56") "$ea $own "
                                                                                                     "call:odd16"},

    {"store1", "ea:i own:i silent:i cell:i", "", "fine:i met:i p:i",
     "$ea i32.load8_u@touch $ea i32.load8_u@writer i32.and #255 i32.ne if $ea call:split_both i32.eqz if " BUMP("64")
         TO_HOST("$silent") "end end " FINE "&fine i32.load@touch_bytes =met "
                            "$own $met $cell call:dead1 "
                            "$silent if $own #SILENT i32.and $fine i32.load@writer_bytes $cell call:silent1 end "
                            "$fine $own i32.store@touch_bytes $fine $own i32.store@writer_bytes " TICK},
    {"store2", "ea:i own:i silent:i cell:i", "", "fine:i both:l met:l p:i",
     "$ea i32.load16_u@touch $ea i32.load16_u@writer i32.and #65535 i32.ne "
     "if $ea call:split_both $ea #1 i32.add call:split_both i32.and i32.eqz if " BUMP("64")
         TO_HOST("$silent") "end end " FINE "&fine i64.load@touch_bytes =met "
                            "$own $met $cell call:dead2 "
                            "$silent if $own #SILENT i32.and $fine i64.load@writer_bytes $cell call:silent2 end "
                            "$fine $own i64.extend_i32_u ##TWICE i64.mul &both i64.store@touch_bytes $fine $both "
                            "i64.store@writer_bytes " TICK},
    {"store4", "ea:i own:i silent:i cell:i", "", "met:i p:i",
     "$ea i32.load@touch &met #SHAPE_MASK i32.and #SHAPE i32.eq $met $ea #3 i32.and i32.or i32.eqz i32.or "
     "if "
     "$own $met $cell call:dead1 "
     "  $silent if $own #SILENT i32.and $ea i32.load@writer $cell call:silent1 end "
     "  $ea $own i32.store@touch $ea $own i32.store@writer " TICK "return "
     "end " BUMP("80") "$ea $own $silent call:oddstore4 if " BUMP("64") "end"},
    {"store8", "ea:i own:i silent:i cell:i", "", "met:l both:l p:i",
     "$ea i64.load@touch &met ##SHAPE_MASK2 i64.and ##SHAPE2 i64.eq " COARSE(
         "i64.and i64.eqz", "##MIXED2") "if "
                                        "$own $met $cell call:dead2 "
                                        "  $silent if $own #SILENT i32.and $ea i64.load@writer $cell call:silent2 end "
                                        "  $ea $own i64.extend_i32_u ##TWICE i64.mul &both i64.store@touch $ea $both "
                                        "i64.store@writer " TICK "return "
                                        "end " BUMP("80") "$ea $own $silent call:oddstore8 if " BUMP("64") "end"},
    {"store16", "ea:i own:i silent:i cell:i", "", "met:v p:i",
     "$ea v128.load@touch =met #0 " COARSE(
         "v128.and v128.any_true i32.eqz",
         "#MIXED i32x4.splat") "if $own $met $cell call:dead4 "
                               "  $silent if $own #SILENT i32.and $ea v128.load@writer $cell call:silent4 end "
                               "  $ea $own i32x4.splat v128.store@touch $ea $own i32x4.splat v128.store@writer " TICK
                               "return "
                               "end " BUMP("96") BUMP("112") "$ea $own $silent call:oddstore16"},
};

enum { FUNCTIONS = sizeof functions / sizeof *functions, WIDTHS = ONLINE_WIDTHS };

enum { SILENT_FUNCS = 7 }; /* index of "silent1" */

static uint64_t twice(uint32_t word)
{
    return word | (uint64_t)word << 32;
}

static unsigned find(const char *name)
{
    unsigned i = 0;
    while (strcmp(functions[i].name, name) != 0)
        i++;
    return i;
}

bool online_add_runtime(struct rewriter *rw)
{
    const struct asm_name constants[] = {
        {"NOBODY", MARK_NOBODY},
        {"PENDING", (int32_t)MARK_PENDING},
        {"UNREAD2", (int64_t)twice(MARK_UNREAD)},
        {"MIXED", MARK_MIXED_BIT},
        {"MIXED2", (int64_t)twice(MARK_MIXED_BIT)},
        {"LOG_AT", rw->log_at},
        {"FACTOR", (int32_t)0x9e3779b1},
        {"ROWS_SHIFT", 32 - ROWS_LOG2},
        {"LOG_LANES", LOG_LANES},
        {"LOG_COUNT", LOG_COUNT},
        {"LOG_MASK", LOG_BUFFER - 1},
        {"LOG_FULL", LOG_BUFFER - LOG_SLACK},
        {"SILENT", ~MARK_FLAGS},
        {"SHAPE_MASK", MARK_SHAPE_MASK},
        {"SHAPE", MARK_SHAPE},
        {"SHAPE_MASK2", (int64_t)twice(MARK_SHAPE_MASK)},
        {"SHAPE2", (int64_t)twice(MARK_SHAPE)},
        {"TWICE", (int64_t)twice(1)},
        {"FINE_END", FINE_LIMIT - 1},
        {"FINE_LAST", FINE_LIMIT - 16},
        {0},
    };
    static const char *const names[] = {"touch", "writer", "touch_bytes", "writer_bytes", "cells", "log"};
    struct asm_memory memories[PLANE_COUNT + 3] = {0};
    memories[PLANE_COUNT] = (struct asm_memory){"rows4", rw->planes[PLANE_CELLS], ROWS4_AT};
    memories[PLANE_COUNT + 1] = (struct asm_memory){"rows8", rw->planes[PLANE_CELLS], ROWS8_AT};
    for (int i = 0; i < PLANE_COUNT; i++)
        memories[i] = (struct asm_memory){names[i], rw->planes[i], plane_shift((enum plane)i)};
    uint32_t index[FUNCTIONS];
    if (!asm_add_funcs(rw, functions, FUNCTIONS, constants, memories, index))
        return false;
    for (unsigned i = 0; i < WIDTHS; i++) { /* the last ones, by width */
        rw->online_load[i] = index[FUNCTIONS - 2 * WIDTHS + i];
        rw->online_store[i] = index[FUNCTIONS - WIDTHS + i];
    }
    for (unsigned i = 0; i < 3; i++)
        rw->online_silent[i] = index[SILENT_FUNCS + i];
    const struct range_calls calls = {index[find("split")], index[find("split_both")], index[find("logged")]};
    return online_add_range(rw, memories, &calls);
}
