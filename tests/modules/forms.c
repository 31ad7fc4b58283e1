/* forms: writes a module in every form that the rewriter makes of it, for a validator to look at.
 *
 *     forms IN.wasm PREFIX
 *
 * The files are PREFIX and the form's name, which is printed, a line for each.  A form that the module cannot have, online or
 * with objects, is left out; anything else that fails ends the program with status 1 and the rewriter's words.  Nothing is
 * compiled or run, so that modules may be large, and of features that the engine does not have. */
#include "api/tracer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct form {
    const char *name;
    struct rewrite_options options;
    bool objects;
};

static const struct form forms[] = {
    /* what -o writes: stands alone */
    {"record", {.values = true, .inlining = REWRITE_INLINE_ALWAYS}, false},
    {"record-hooks", {.values = true, .inlining = REWRITE_INLINE_NEVER, .keep_debug = true}, false},
    /* what runs with the analysis by trace, with values (-fff) and without; the baseline `--analysis record` */
    {"trace", {.for_run = true, .inlining = REWRITE_INLINE_ALWAYS}, false},
    {"trace-hooks", {.for_run = true, .inlining = REWRITE_INLINE_NEVER}, false},
    {"values", {.for_run = true, .values = true}, false},
    {"baseline", {.for_run = true, .values = true, .without_flags = true}, false},
    /* what runs with the analysis in the program */
    {"online", {.for_run = true, .online = true, .inlining = REWRITE_INLINE_ALWAYS}, false},
    {"online-hooks", {.for_run = true, .online = true, .inlining = REWRITE_INLINE_NEVER}, false},
    {"online-auto", {.for_run = true, .online = true}, false},
    /* --contexts, --objects */
    {"contexts", {.for_run = true, .contexts = true}, false},
    {"contexts-depth", {.for_run = true, .contexts = true, .context_depth = 3}, false},
    {"objects", {.for_run = true}, true},
    {"contexts-objects", {.for_run = true, .contexts = true, .inlining = REWRITE_INLINE_NEVER}, true},
};

static void fail(const char *what, const char *words)
{
    fprintf(stderr, "forms: %s: %s\n", what, words);
    exit(1);
}

static uint8_t *read_file(const char *path, size_t *size)
{
    FILE *f = fopen(path, "rb");
    if (!f || fseek(f, 0, SEEK_END))
        fail(path, "cannot be read");
    long end = ftell(f);
    uint8_t *bytes = end > 0 ? malloc((size_t)end) : NULL;
    rewind(f);
    if (!bytes || fread(bytes, 1, (size_t)end, f) != (size_t)end)
        fail(path, "cannot be read");
    fclose(f);
    *size = (size_t)end;
    return bytes;
}

static void write_file(const char *prefix, const char *name, const struct buf *out)
{
    char path[4096];
    snprintf(path, sizeof path, "%s%s.wasm", prefix, name);
    FILE *f = fopen(path, "wb");
    if (!f || fwrite(out->data, 1, out->size, f) != out->size || fclose(f))
        fail(path, "cannot be written");
}

int main(int argc, char **argv)
{
    if (argc != 3)
        fail("usage", "forms IN.wasm PREFIX");
    size_t size;
    uint8_t *bytes = read_file(argv[1], &size);
    struct error err = ERROR_INIT;
    struct tracer t;
    if (!tracer_open(&t, argv[1], bytes, size, &err) || !objects_read(&t.layout, &t.module, NULL, NULL, 0, &err))
        fail(argv[1], err.message);
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
        struct rewrite_options o = forms[i].options;
        const char *why;
        if (o.online && !rewrite_can_be_online(&t.module, &o, &why))
            continue;
        o.objects = forms[i].objects ? &t.layout.layout : NULL;
        struct buf out;
        struct site_table sites;
        buf_init(&out, 0x7fffffff);
        if (!rewrite_module(&t.module, &o, &out, &sites, &err))
            fail(forms[i].name, err.message);
        write_file(argv[2], forms[i].name, &out);
        printf("%s\n", forms[i].name);
        site_table_release(&sites);
        buf_release(&out);
    }
    tracer_release(&t);
    free(bytes);
    return 0;
}
