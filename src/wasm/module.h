/* module.h: a WebAssembly binary module, decoded as far as rewriting and reporting need it.
 *
 * Binary format: WebAssembly core specification 3.0, chapter 5, with the threads and custom-page-sizes proposals.
 * Structure is checked (sections, counts, LEBs, block nesting of bodies when they are walked), types are not: that is the engine's
 * validator's work.
 *
 * The module borrows the bytes that it was read from: names, bodies and sections point into them.  It never changes
 * after wasm_module_read. */
#ifndef MT_WASM_MODULE_H
#define MT_WASM_MODULE_H

#include "base/cursor.h"

enum wasm_section_id {
    WASM_SECTION_CUSTOM,
    WASM_SECTION_TYPE,
    WASM_SECTION_IMPORT,
    WASM_SECTION_FUNCTION,
    WASM_SECTION_TABLE,
    WASM_SECTION_MEMORY,
    WASM_SECTION_GLOBAL,
    WASM_SECTION_EXPORT,
    WASM_SECTION_START,
    WASM_SECTION_ELEMENT,
    WASM_SECTION_CODE,
    WASM_SECTION_DATA,
    WASM_SECTION_DATA_COUNT,
    WASM_SECTION_TAG,
    WASM_SECTION_IDS,
};

enum wasm_extern { WASM_EXTERN_FUNC, WASM_EXTERN_TABLE, WASM_EXTERN_MEMORY, WASM_EXTERN_GLOBAL, WASM_EXTERN_TAG };

struct wasm_name {
    const char *bytes; /* not NUL-terminated, any bytes */
    uint32_t size;
};

struct wasm_section {
    uint8_t id;
    struct wasm_name name;  /* of a custom section */
    const uint8_t *start;   /* the id byte */
    const uint8_t *content; /* behind the size; a custom section's name is part of it */
    const uint8_t *items;   /* behind a vector's count, behind a custom section's name */
    const uint8_t *end;
    uint32_t count; /* of a vector's items */
};

struct wasm_memory {
    uint64_t min; /* pages */
    uint64_t max;
    bool has_max, shared, is_64;
    uint8_t page_size_log2;
};

/* What types name. */
struct wasm_type_use {
    uint32_t end; /* above all type indices */
    bool exact;   /* a type without its subtypes (custom descriptors) */
};

/* A type that is a function's; others have `params` NULL. */
struct wasm_type {
    const uint8_t *params; /* encoded value types, one after the other */
    const uint8_t *results;
    uint32_t param_count, result_count;
    uint32_t param_bytes, result_bytes;
    bool shared; /* between threads: its functions may use what is shared only */
};

struct wasm_import {
    struct wasm_name module, name;
    uint8_t kind;  /* enum wasm_extern */
    bool exact;    /* a function of exactly its type, not of a subtype (custom descriptors) */
    uint32_t type; /* of a function: type index */
};

struct wasm_export {
    struct wasm_name name;
    uint8_t kind;
    uint32_t index;
};

struct wasm_body {
    uint32_t start; /* file_off of the size */
    uint32_t code;  /* file_off of the locals' vector */
    uint32_t end;
};

struct wasm_module {
    const uint8_t *bytes;
    size_t size;
    struct wasm_section *sections; /* in file order */
    size_t section_count;
    const struct wasm_section *by_id[WASM_SECTION_IDS]; /* NULL where missing; custom sections are not here */

    struct wasm_type *types; /* by type index */
    size_t type_count;
    struct wasm_import *imports;
    size_t import_count, import_capacity;
    uint32_t *func_types; /* type index of each function, imported ones first */
    size_t func_count, func_imports;
    struct wasm_memory *memories; /* imported ones first */
    size_t memory_count;
    struct wasm_export *exports;
    size_t export_count;
    struct wasm_body *bodies; /* of defined functions */
    size_t body_count;
    uint32_t table_count, global_count, tag_count; /* imported ones included */
    uint32_t element_count;
    uint8_t *declared; /* a bit for each function that something outside of the code names; NULL: none */
    bool has_exact;    /* something outside of the code names a type without its subtypes */
    bool has_start;
    uint32_t start;
    size_t type_capacity, memory_capacity, func_capacity, section_capacity; /* of the arrays above, while reading */
};

/* Limits that engines agree on (JavaScript API, section "implementation limits"; wasmparser's limits.rs). */
enum {
    WASM_MAX_FUNCTIONS = 1000000,
    WASM_MAX_BODY_SIZE = 7654321,
    WASM_MAX_LOCALS = 50000,
    WASM_MAX_MEMORIES = 100,
    WASM_MAX_GLOBALS = 1000000,
    WASM_MAX_TYPES = 1000000,
    WASM_MAX_EXPORTS = 1000000,
    WASM_MAX_TYPE_SIZE =
        1000000, /* of all imports and exports: 1 for each, but 2 and its parameters and results for a function */
    WASM_MAX_TABLES = 100,
    WASM_MAX_ELEMENTS = 100000,
    WASM_MAX_PARAMS = 1000,
};

/* False and *err, with the offset, when the bytes are no module.  `module` must be released in either case. */
bool wasm_module_read(struct wasm_module *module, const uint8_t *bytes, size_t size, struct error *err);
void wasm_module_release(struct wasm_module *module);

/* The first export of that name, or NULL. */
const struct wasm_export *wasm_module_export(const struct wasm_module *module, const char *name);

/* The first custom section of that name, or NULL. */
const struct wasm_section *wasm_module_custom(const struct wasm_module *module, const char *name);

bool wasm_name_is(struct wasm_name name, const char *text);

/* The import that defines a function index below func_imports. */
const struct wasm_import *wasm_module_import_func(const struct wasm_module *module, uint32_t func);

#endif
