/* What a user gives us back: reports of --format json, one or two (a 0 byte between them), and suppressions.  Whatever the
 * bytes are, they are refused with a text, or read; and a report that was read can be written in all formats, and by JSON
 * comes back as it is. */
#include "cli/report_load.h"
#include "render/formats.h"
#include "render/render.h"
#include "report/matching.h"
#include "report/merge.h"
#include "report/pattern.h"
#include "report/select.h"
#include "report/suppress.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

struct text {
    char *bytes;
    size_t size;
};

static void demand(bool holds)
{
    if (!holds)
        abort();
}

static bool agrees(bool ok, const struct error *err)
{
    demand(ok == (err->code == ERROR_NONE) && (ok || *err->message));
    return ok;
}

/* Puts the bytes into a file, and its name into *path.  Gives its descriptor, which keeps it alive. */
static int file_of(const void *bytes, size_t size, char path[32])
{
    int fd = memfd_create("report", MFD_CLOEXEC);
    demand(fd >= 0 && write(fd, bytes, size) == (ssize_t)size);
    snprintf(path, 32, "/proc/self/fd/%d", fd);
    return fd;
}

/* False: there is no memory. */
static bool write_as(const struct format *format, const struct report *r, struct text *to)
{
    struct output out;
    struct error err = ERROR_INIT;
    FILE *stream = open_memstream(&to->bytes, &to->size);
    if (!stream)
        return false;
    output_init(&out, stream, NULL);
    format->render(&out, r);
    bool ok = agrees(output_finish(&out, &err), &err);
    return fclose(stream) == 0 && ok;
}

/* The summary, -f, and one of the others: all of them would take most of the time. */
static void try_formats(const struct report *r, size_t which)
{
    size_t formats = 0;
    while (format_at(formats))
        formats++;
    for (int i = 0; i < 2; i++) {
        struct text text = {0};
        write_as(format_at(i ? which % formats : 0), r, &text);
        free(text.bytes);
    }
    FILE *sink = fopen("/dev/null", "w");
    if (!sink)
        return;
    struct output out;
    output_init(&out, sink, NULL);
    render_text(&out, r);
    fclose(sink);
}

/* Reads the first one, adds the second one if there is one, and gives the sum to *r. */
static bool read_both(struct report_loader *l, const uint8_t *bytes, size_t size, struct report *r)
{
    struct error err = ERROR_INIT;
    const uint8_t *middle = memchr(bytes, 0, size);
    size_t sizes[2] = {middle ? (size_t)(middle - bytes) : size, middle ? size - (size_t)(middle - bytes) - 1 : 0};
    const char *lost = NULL;
    char path[32];
    int fd = file_of(bytes, sizes[0], path);
    bool ok = agrees(report_load(l, path, r, &err), &err);
    close(fd);
    if (!ok || !middle)
        return ok;
    struct report second;
    fd = file_of(middle + 1, sizes[1], path);
    bool both = agrees(report_load(l, path, &second, &err), &err);
    close(fd);
    if (both && !report_merge(r, &second, &lost)) {
        report_release(r);
        ok = false;
    }
    if (both)
        report_release(&second);
    return ok;
}

static bool read_report(const uint8_t *bytes, size_t size, struct report *r)
{
    struct report_loader loader;
    struct error err = ERROR_INIT;
    bool ok = agrees(report_loader_open(&loader, NULL, 0, &err), &err) && read_both(&loader, bytes, size, r);
    if (ok) {
        ok = report_finish_merge(r) && agrees(report_loader_give(&loader, r, false, &err), &err);
        if (!ok)
            report_release(r);
    }
    report_loader_release(&loader);
    return ok;
}

static bool select_all(struct report *r)
{
    struct error err = ERROR_INIT;
    return agrees(report_select(r, &(struct report_selection){.show_housekeeping = true}, &err), &err);
}

static void try_report(const uint8_t *bytes, size_t size)
{
    struct report first, again;
    struct text written = {0}, rewritten = {0};
    if (!read_report(bytes, size, &first))
        return;
    if (select_all(&first) && write_as(format_find("json"), &first, &written)) {
        try_formats(&first, size);
        if (read_report((const uint8_t *)written.bytes, written.size, &again)) {
            if (select_all(&again) && write_as(format_find("json"), &again, &rewritten))
                demand(written.size == rewritten.size && memcmp(written.bytes, rewritten.bytes, written.size) == 0);
            report_release(&again);
        }
    }
    free(written.bytes);
    free(rewritten.bytes);
    report_release(&first);
}

/* As `diff` and --baseline read it, held against itself. */
static void try_file(const uint8_t *bytes, size_t size)
{
    char path[32];
    struct error err = ERROR_INIT;
    struct loaded_report r;
    int fd = file_of(bytes, size, path);
    if (agrees(loaded_report_read(&r, path, NULL, &err), &err)) {
        struct matching m;
        if (matching_make(&m, &r.report, &r.report))
            for (size_t i = 0; i < m.count; i++)
                demand(m.matches[i].old && m.matches[i].new && m.matches[i].old->bytes == m.matches[i].new->bytes);
        matching_release(&m);
    }
    loaded_report_release(&r);
    close(fd);
}

static void try_suppressions(const uint8_t *bytes, size_t size)
{
    struct suppressions s;
    struct error err = ERROR_INIT;
    char *text = malloc(size + 1);
    if (!text)
        return;
    memcpy(text, bytes, size);
    text[size] = '\0';
    if (agrees(suppressions_read(&s, "suppressions", text, &err), &err))
        for (size_t i = 0; i < s.count; i++)
            for (int key = 0; key < SUPPRESS_KEYS; key++)
                if (s.entries[i].patterns[key]) {
                    const struct pattern p = {s.entries[i].patterns[key], key % 2 != 0};
                    pattern_fits_function(&p, s.entries[i].name);
                }
    suppressions_release(&s);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    if (size && *bytes == '{') {
        try_report(bytes, size);
        try_file(bytes, size);
    } else {
        try_suppressions(bytes, size);
    }
    return 0;
}
