#include "report/sources.h"

#include "base/buf.h"
#include "base/clean.h"
#include "base/vec.h"
#include "report/strings.h"

#include <stdlib.h>
#include <string.h>

enum {
    AROUND = 5,
    FILE_LINES_MAX = 10000, /* of a file that is kept in full */
    LINES_MAX = 200000,
    TEXT_LIMIT = 400
};

/* Frames that sides share, so that each stack is looked at once. */
struct shared {
    const struct report_frame *frames, *own;
    uint32_t count;
};

static int compare_shared(const void *left, const void *right)
{
    const struct shared *a = left, *b = right;
    return (a->frames > b->frames) - (a->frames < b->frames);
}

static int compare_lines(const void *left, const void *right)
{
    const struct report_source *a = left, *b = right;
    int order = a->file == b->file ? 0 : strcmp(a->file, b->file);
    return order ? order : (a->line > b->line) - (a->line < b->line);
}

static bool add_line(struct report *r, size_t *capacity, const char *file, uint32_t line)
{
    if (!vec_room((void **)&r->sources, capacity, r->source_count, sizeof *r->sources))
        return false;
    r->sources[r->source_count++] = (struct report_source){file, line, NULL};
    return true;
}

static bool add_around(struct report *r, size_t *capacity, const struct report_frame *frame)
{
    if (!frame->file || !frame->line || !frame->text)
        return true;
    uint32_t first = frame->line > AROUND ? frame->line - AROUND : 1;
    bool ok = true;
    for (uint32_t line = first; ok && line <= frame->line + AROUND; line++)
        ok = add_line(r, capacity, frame->file, line);
    return ok;
}

static int compare_names(const void *left, const void *right)
{
    const char *const *a = left, *const *b = right;
    return *a == *b ? 0 : strcmp(*a, *b);
}

/* All lines of these files, but of those that are very long. */
static bool add_files(struct report *r, size_t *capacity, const struct report_names *names, const char **files,
                      size_t count)
{
    qsort(files, count, sizeof *files, compare_names);
    for (size_t i = 0; i < count; i++) {
        size_t size;
        if ((i && compare_names(&files[i], &files[i - 1]) == 0) ||
            names->source(names->self, files[i], FILE_LINES_MAX + 1, &size))
            continue;
        for (uint32_t line = 1; r->source_count < LINES_MAX && names->source(names->self, files[i], line, &size);
             line++)
            if (!add_line(r, capacity, files[i], line))
                return false;
    }
    return true;
}

/* Wishes for lines; the same one may occur twice.  Files that sides are known by are kept in full, others around their
 * places. */
static bool wish_lines(struct report *r, const struct report_names *names)
{
    struct shared *stacks = calloc(r->pair_count * 2 + 1, sizeof *stacks);
    const char **files = calloc(r->pair_count * 2 + 1, sizeof *files);
    size_t count = 0, file_count = 0, capacity = 0;
    bool ok = stacks && files;
    for (size_t i = 0; ok && i < r->pair_count; i++) {
        const struct report_side *sides[2] = {&r->pairs[i].first, &r->pairs[i].second};
        for (int k = 0; k < 2; k++)
            if (sides[k]->frame_count)
                stacks[count++] = (struct shared){sides[k]->frames, report_own_frame(sides[k]), sides[k]->frame_count};
    }
    if (ok)
        qsort(stacks, count, sizeof *stacks, compare_shared);
    for (size_t i = 0; ok && i < count && r->source_count < LINES_MAX; i++) {
        if (i && stacks[i].frames == stacks[i - 1].frames)
            continue;
        if (stacks[i].own->file && stacks[i].own->text)
            files[file_count++] = stacks[i].own->file;
        for (uint32_t k = 0; ok && k < stacks[i].count; k++)
            ok = add_around(r, &capacity, &stacks[i].frames[k]);
    }
    ok = ok && add_files(r, &capacity, names, files, file_count);
    free(files);
    free(stacks);
    return ok;
}

/* Tabs stay, as four blanks: clean_put would make something else of them. */
static const char *keep_line(struct report *r, struct buf *scratch, const char *text, size_t size)
{
    struct buf wide;
    buf_init(&wide, SIZE_MAX / 2);
    size = size < TEXT_LIMIT ? size : TEXT_LIMIT;
    for (size_t i = 0; i < size; i++)
        text[i] == '\t' ? buf_put_text(&wide, "    ") : buf_put_u8(&wide, (uint8_t)text[i]);
    buf_clear(scratch);
    if (!wide.failed)
        clean_put(scratch, (const char *)wide.data, wide.size, TEXT_LIMIT);
    const char *kept = NULL;
    if (!wide.failed && !scratch->failed)
        kept = strings_add(r->strings, (const char *)scratch->data, scratch->size);
    buf_release(&wide);
    return kept;
}

bool sources_collect(struct report *r, const struct report_names *names)
{
    if (!names->source || !r->pair_count)
        return true;
    if (!wish_lines(r, names))
        return false;
    if (!r->source_count)
        return true;
    qsort(r->sources, r->source_count, sizeof *r->sources, compare_lines);
    struct buf scratch;
    buf_init(&scratch, SIZE_MAX / 2);
    size_t count = 0;
    bool ok = true;
    for (size_t i = 0; ok && i < r->source_count; i++) {
        struct report_source s = r->sources[i];
        if (count && compare_lines(&r->sources[count - 1], &s) == 0)
            continue;
        size_t size;
        const char *text = names->source(names->self, s.file, s.line, &size);
        if (!text)
            continue;
        s.text = keep_line(r, &scratch, text, size);
        ok = s.text != NULL;
        r->sources[count++] = s;
    }
    r->source_count = count;
    buf_release(&scratch);
    return ok;
}
