/* Names, DWARF and source maps of any bytes: frames or none, never a read outside of them.  Good seeds are small modules
 * with DWARF, and source maps. */
#include "symbol/data.h"
#include "symbol/debug_url.h"
#include "symbol/demangle.h"
#include "symbol/lines.h"
#include "symbol/names.h"
#include "symbol/source_map.h"
#include "symbol/variables.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void read_map(const uint8_t *bytes, size_t size)
{
    const char *fault;
    struct source_position p;
    struct source_map *m = source_map_read((const char *)bytes, size, &fault);
    for (uint32_t at = 0; m && at < 1000; at += 7)
        source_map_find(m, at / 2, at, &p);
    source_map_free(m);
}

static void read_url(const uint8_t *bytes, size_t size)
{
    char *text = strndup((const char *)bytes, size), *path = NULL;
    struct debug_url url = {0};
    if (text && debug_url_read(&url, text, "folder/a.wasm"))
        debug_url_local_path(text, &path);
    debug_url_release(&url);
    free(path);
    free(text);
}

static void read_lines(const struct wasm_module *m, struct error *err)
{
    struct symbol_options options = {0};
    struct symbol_lines *lines;
    struct symbol_frame frames[SYMBOL_FRAMES_MAX];
    const struct wasm_section *code = m->by_id[WASM_SECTION_CODE];
    if (symbol_lines_open(&lines, m, &options, err) && code) {
        uint32_t start = (uint32_t)(code->content - m->bytes), end = (uint32_t)(code->end - m->bytes);
        for (uint32_t at = start; at < end && at < start + 4000; at += 5) {
            size_t count, length;
            uint32_t indent;
            const char *why;
            if (!symbol_lines_find(lines, (uint32_t)m->func_imports, at, frames, &count, &why, err))
                break;
            for (size_t i = 0; i < count; i++)
                symbol_lines_text(lines, &frames[i], &length, &indent);
        }
    }
    struct symbol_variables variables = {0}, locals = {0};
    if (lines)
        symbol_lines_variables(lines, &variables, &locals, err);
    symbol_variables_release(&variables);
    symbol_variables_release(&locals);
    symbol_lines_close(lines);
}

static void read_data(const struct wasm_module *m, struct error *err)
{
    struct symbol_data data;
    symbol_data_read(&data, m, NULL, err);
    symbol_data_release(&data);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct error err = ERROR_INIT;
    struct wasm_module m;
    struct symbol_names names = {0};
    struct buf words;
    buf_init(&words, 1 << 20);
    if (size && *bytes == '{')
        read_map(bytes, size);
    else if (size && (*bytes == 'd' || *bytes == 'f' || *bytes == 'h'))
        read_url(bytes, size); /* data:, file:, http: */
    else if (size && *bytes == '_')
        demangle_put(&words, (const char *)bytes, size);
    else if (wasm_module_read(&m, bytes, size, &err)) {
        if (symbol_names_read(&names, &m, NULL, &err))
            read_lines(&m, &err);
        read_data(&m, &err);
        symbol_names_release(&names);
        wasm_module_release(&m);
    } else {
        wasm_module_release(&m);
    }
    buf_release(&words);
    return 0;
}
