#include "cli/known.h"

#include "base/infile.h"
#include "cli/matching.h"
#include "cli/message.h"

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

bool known_open(struct known *k, const char *baseline, const char *suppressions, struct error *err)
{
    *k = (struct known){.baseline_path = baseline};
    return (!suppressions || read_suppressions(k, suppressions, err)) &&
           (!baseline || report_file_read(&k->baseline, baseline, err));
}

void known_release(struct known *k)
{
    report_file_release(&k->baseline);
    suppressions_release(&k->suppressions);
}

/* The report's pairs without their offsets, and which of them the baseline has. */
struct old {
    struct report_file file;
    bool *is_known; /* by the place in the file's pairs */
    size_t entry;
};

static size_t find_old(const void *self, const struct report_pair *p)
{
    const struct old *o = self;
    const struct file_pair key = report_file_pair(p);
    const struct file_pair *at =
        bsearch(&key, o->file.pairs, o->file.count, sizeof *o->file.pairs, report_file_compare);
    return at && o->is_known[at - o->file.pairs] ? o->entry : SIZE_MAX;
}

static bool drop_baseline(const struct known *k, struct report *r, struct error *err)
{
    struct old o = {.entry = r->suppressed_count};
    struct match *matches = NULL;
    size_t count = 0;
    bool ok = report_file_of(&o.file, r, err);
    if (ok) {
        o.is_known = calloc(o.file.count + 1, sizeof *o.is_known);
        ok = (o.is_known && match_pairs(&k->baseline, &o.file, &matches, &count) &&
              suppress_add(r, k->baseline_path, true)) ||
             error_no_memory(err);
    }
    for (size_t i = 0; ok && i < count; i++)
        if (matches[i].old && matches[i].new)
            o.is_known[matches[i].new - o.file.pairs] = true;
    if (ok)
        suppress_drop(r, find_old, &o);
    free(matches);
    free(o.is_known);
    report_file_release(&o.file);
    return ok;
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

bool known_drop(const struct known *k, struct report *r, bool verbose, struct error *err)
{
    size_t first = r->suppressed_count; /* a report that was read has some of its own */
    if (!suppress_pairs(r, &k->suppressions))
        return error_no_memory(err);
    if (verbose)
        note_unused(&k->suppressions, r->suppressed + first);
    return !k->baseline_path || drop_baseline(k, r, err);
}
