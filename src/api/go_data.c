/* A Go program has a description of itself in its data, runtime.firstmoduledata, of which pointers of 8 bytes tell where parts of the data
 * begin and end (Go 1.26, runtime/symtab.go, type moduledata): noptrdata, enoptrdata, data, edata, bss, ebss, noptrbss, enoptrbss, covctrs,
 * ecovctrs, end.  The counters are not there before Go 1.20.  It is known by its contents: the parts follow each other in memory, and it lies in
 * one of them itself. */
#include "api/go_data.h"

enum { POINTER = 8, NOPTRDATA = 0, EDATA = 3, ENOPTRBSS = 7, ECOVCTRS = 9, POINTERS = 11 };

static uint64_t pointer_at(const uint8_t *bytes)
{
    uint64_t value = 0;
    for (unsigned i = POINTER; i-- > 0;)
        value = value << 8 | bytes[i];
    return value;
}

/* The end that the pointers tell of, which stand at the address; 0: they are something else. */
static uint64_t end_told(const uint8_t *bytes, uint64_t address)
{
    uint64_t pointers[POINTERS];
    unsigned ordered = 1;
    for (unsigned i = 0; i < POINTERS; i++)
        pointers[i] = pointer_at(bytes + (size_t)i * POINTER);
    while (ordered < POINTERS && pointers[ordered - 1] <= pointers[ordered])
        ordered++;
    if (ordered <= ENOPTRBSS + 1 || address < pointers[NOPTRDATA] || address >= pointers[EDATA])
        return 0;
    return pointers[ordered == POINTERS ? ECOVCTRS + 1 : ENOPTRBSS + 1];
}

uint64_t go_data_end(const struct symbol_data *d, uint64_t limit)
{
    uint64_t last = 0;
    for (size_t i = 0; i < d->segment_count; i++)
        if (d->segments[i].placed && d->segments[i].address + d->segments[i].size > last)
            last = d->segments[i].address + d->segments[i].size;
    for (size_t i = 0; i < d->segment_count; i++) {
        const struct symbol_segment *s = &d->segments[i];
        for (uint64_t at = -s->address % POINTER; s->placed && at + POINTERS * POINTER <= s->size; at += POINTER) {
            uint64_t end = end_told(s->bytes + at, s->address + at);
            if (end >= last && end <= limit)
                return end;
        }
    }
    return 0;
}
