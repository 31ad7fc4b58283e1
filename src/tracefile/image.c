/* The trace memory as an engine without a host of ours leaves it: records, as they were written. */
#include "trace/guest.h"
#include "tracefile/reader.h"

#include <inttypes.h>

/* The memory is zero where nothing was written.  What lies behind zeroes was written when there was no more room. */
static void end_at_zero(struct trace_reader *r, uint64_t at)
{
    r->done = true;
    for (;;) {
        for (size_t i = r->used; i < r->plain.size; i++)
            if (r->plain.data[i]) {
                trace_cut(r, "records are missing behind byte %" PRIu64 " of the trace memory", at);
                return;
            }
        buf_clear(&r->plain);
        r->used = 0;
        if (!buf_reserve(&r->plain, BATCH))
            return;
        r->plain.size = r->source.read(r->source.self, r->plain.data, BATCH);
        if (!r->plain.size)
            return;
    }
}

/* Moves what is left of `plain` to its front and fills it up.  False when memory is short. */
static bool refill(struct trace_reader *r, bool *last)
{
    size_t rest = r->plain.size - r->used;
    if (!buf_reserve(&r->plain, BATCH))
        return error_no_memory(r->err);
    memmove(r->plain.data, r->plain.data + r->used, rest);
    r->used = 0;
    size_t got = r->source.read(r->source.self, r->plain.data + rest, BATCH - rest);
    r->plain.size = rest + got;
    r->offset += got;
    *last = got < BATCH - rest;
    return true;
}

static bool skip_scratch(struct trace_reader *r)
{
    while (r->offset < GUEST_TRACE_BASE) {
        bool last = false;
        r->used = r->plain.size;
        if (!refill(r, &last))
            return false;
        if (last && r->offset < GUEST_TRACE_BASE) {
            trace_cut(r, "the trace memory's image has only %" PRIu64 " bytes, and no records", r->offset);
            return true;
        }
    }
    r->used = r->plain.size - (size_t)(r->offset - GUEST_TRACE_BASE);
    if (r->used >= GUEST_TRACE_BASE)
        r->lost = record_u64(r->plain.data + r->used - GUEST_TRACE_BASE + GUEST_LOST_AT);
    return true;
}

/* Fills the batch with what is whole and valid.  False at the end, and when memory is short. */
bool trace_image_next(struct trace_reader *r)
{
    bool last = false;
    buf_clear(&r->batch);
    if (r->done || (r->offset < GUEST_TRACE_BASE && !skip_scratch(r)) || r->done || !refill(r, &last))
        return false;
    while (!r->done) {
        const uint8_t *p = r->plain.data + r->used, *end = r->plain.data + r->plain.size;
        uint64_t at = r->offset - (uint64_t)(end - p);
        if (p == end) {
            r->done = last;
            break;
        }
        bool fits = end - p >= 4;
        if (fits && record_u32(p) == 0) {
            end_at_zero(r, at);
            break;
        }
        if (!last && end - p < RECORD_UNIT * RECORD_MAX_UNITS)
            break;
        fits = record_valid(r->sites, p, end);
        if (fits && !trace_check_record(r, p, &fits))
            return false;
        if (!fits) {
            trace_cut(r, "at byte %" PRIu64 " of the trace memory is no record of this module", at);
            break;
        }
        if (!buf_put(&r->batch, p, record_size(record_u32(p))))
            return error_no_memory(r->err);
        r->used += record_size(record_u32(p));
    }
    return r->batch.size > 0;
}
