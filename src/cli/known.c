#include "cli/known.h"

#include "base/infile.h"
#include "cli/message.h"
#include "report/baseline.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TEXT_MAX = 1 << 26 };

static bool read_suppressions(struct known *k, const char *path, struct error *err)
{
    struct buf text;
    size_t size;
    buf_init(&text, TEXT_MAX);
    bool ok = infile_read(path, &text, err);
    if (ok && text.size && memchr(text.data, 0, text.size))
        ok = error_set(err, ERROR_IO, "'%s' is no text", path);
    if (ok && !buf_put_u8(&text, 0))
        ok = error_no_memory(err);
    if (!ok) {
        buf_release(&text);
        return false;
    }
    return suppressions_read(&k->suppressions, path, (char *)buf_detach(&text, &size), err);
}

bool known_open(struct known *k, const char *baseline, const struct tolerance *tolerance, const char *suppressions,
                const struct own_rules *own, struct error *err)
{
    *k = (struct known){.baseline_path = baseline, .tolerance = tolerance};
    return (!suppressions || read_suppressions(k, suppressions, err)) &&
           (!baseline || loaded_report_read(&k->baseline, baseline, own, err));
}

void known_release(struct known *k)
{
    loaded_report_release(&k->baseline);
    suppressions_release(&k->suppressions);
}

static void note_unused(const struct suppressions *s, const struct report_suppressed *sums)
{
    for (size_t i = 0; i < s->count; i++) {
        uint64_t pairs = 0;
        for (int kind = 0; kind < DEFECT_KINDS; kind++)
            pairs += sums[i].sums[kind].pairs;
        char text[4600];
        if (pairs)
            continue;
        snprintf(text, sizeof text, "%.4096s:%u: the suppression '%.200s' fits no pair", s->path, s->entries[i].line,
                 s->entries[i].name);
        message_note(text);
    }
}

bool known_drop(struct known *k, struct report *r, bool verbose, struct error *err)
{
    size_t first = r->suppressed_count; /* a report that was read has some of its own */
    if (!suppress_pairs(r, &k->suppressions))
        return error_no_memory(err);
    if (verbose)
        note_unused(&k->suppressions, r->suppressed + first);
    return !k->baseline_path || baseline_drop(r, &k->baseline.report, k->baseline_path, k->tolerance) ||
           error_no_memory(err);
}
