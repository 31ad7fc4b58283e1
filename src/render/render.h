/* render.h: the report's output formats, one in a file of its own each.
 *
 * Failed writes are remembered by the output: see output_finish.  The text levels are cumulative, and printed with the
 * fullest first: trace (-fff), pairs by index (-ff), pairs by location (-f). */
#ifndef MT_RENDER_RENDER_H
#define MT_RENDER_RENDER_H

#include "render/output.h"
#include "render/spool.h"
#include "report/report.h"

/* What a person wants to know first, in 24 lines (more with --top); on a terminal none is wider than it, or 80 columns. */
void render_first_screen(struct output *out, const struct report *r);

/* All that the first screen is about, with more of each: --details, and texts in files. */
void render_details(struct output *out, const struct report *r);

/* The contract of docs/report.md, one JSON object in UTF-8, a line for each pair.  Beside the contract's fields:
 * run.shared_memory, `lines`, and for each side that is an instruction `function` and `op`, null where there is none, and `frames`. */
void render_json(struct output *out, const struct report *r);

/* One page for a browser, with everything in it (docs/report.md).  False when memory is short. */
bool render_html(struct output *out, const struct report *r);

/* -f: `DedupDefects (by wasm binary addr) { … }`. */
void render_text(struct output *out, const struct report *r);

/* -ff's own part: `DefectResults (by index) { … }`.  False when the spool failed: its error is then set. */
bool render_index_text(struct output *out, struct pair_spool *pairs);

/* -fff's own part, one line an access, numbered by trace index:
 *
 *     [0] StoreRecord { code: 0x36, loc: 0x35, addr: 16, value: I32(7), offset: 0 }
 *     [1] LoadRecord { code: 0x28, loc: 0x3C, addr: 16, value: I32(7), offset: 0 }
 *     [2] RmwRecord { code: 0xFE1E, loc: 0x41, addr: 16, value: I32(1), loaded: I32(7), offset: 0 }
 *     [3] CmpxchgRecord { code: 0xFE48, loc: …, addr: …, expected: I32(1), replacement: I32(2), loaded: I32(1),
 *                         wrote: true, offset: 0 }                                             (on one line)
 *     [4] WaitRecord { code: 0xFE01, loc: …, addr: …, expected: I32(1), result: I32(0), offset: 0 }
 *     [5] FillRecord { code: 0xFC0B, loc: …, addr: …, value: I32(0), length: 64 }
 *     [6] CopyRecord { code: 0xFC0A, loc: …, addr: 200, source: 100, length: 4 }
 *     [7] InitRecord { code: 0xFC08, loc: …, addr: …, segment: 0, source: 0, length: 8 }
 *     [8] HostReadRecord { loc: …, addr: …, length: 8 }
 *     [9] HostWriteRecord { loc: …, addr: …, length: 4 }
 *
 * `code` is the opcode's byte, or the prefix byte and behind it the opcode, in at least two digits.  `addr` is the
 * address operand, unsigned; `offset` the static offset.  Values: I32 and I64 signed; F32 and F64 as number.h says;
 * V128 the 16 bytes in memory order, two lower-case digits each: V128(000102…0f).  Without recorded values these
 * fields are left out.  `memory: N` stands last where a memory other than 0 is touched, and with a copy `from: M`
 * behind it.  Calls of unknown imports are no accesses, but they are barriers, so each has lines of its own without a
 * number:
 *
 *     // opaque call of import 3 at 0x4F
 *     // opaque call of import 3 at 0x4F is over
 *
 * `code` gives, for an opcode of the site table, prefix byte << 16 | opcode behind it, or just the opcode.  False when
 * the spool failed: its error is then set. */
bool render_trace(struct output *out, struct record_spool *records, const struct site_table *table,
                  uint32_t (*code)(uint16_t opcode));

#endif
