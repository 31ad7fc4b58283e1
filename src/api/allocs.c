#include "api/allocs.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NONE = ALLOC_NO_PARAM };

/* NOLINTNEXTLINE(cert-int09-c): those with a word are counted before the others */
enum kind {
    KIND_MALLOC,
    KIND_CALLOC,
    KIND_REALLOC,
    KIND_ALIGNED,
    KIND_POSIX_MEMALIGN,
    KIND_FREE,
    KIND_RUST_REALLOC,
    KIND_ZIG_ALLOC,
    KIND_ZIG_FREE,
    KIND_ZIG_RESIZE,
    KIND_ZIG_REMAP,
    KIND_VIA,
    WORDS,
    KIND_COLLECTED = WORDS, /* of no word: free, as a collector calls it */
    KINDS,
};

static const char *const words[WORDS] = {"malloc",         "calloc",     "realloc",      "aligned",
                                         "posix_memalign", "free",       "rust_realloc", "zig_alloc",
                                         "zig_free",       "zig_resize", "zig_remap",    "via"};

/* Zig's are std.mem.Allocator.VTable's: (context, [old memory: address and length,] alignment, [new length,] return address);
 * an unoptimised build has one more parameter in front. */
static const struct alloc_shape kinds[KINDS] = {
    [KIND_MALLOC] = {0, NONE, NONE, NONE, .result = ALLOC_RESULT_BLOCK},
    [KIND_CALLOC] = {1, 0, NONE, NONE, .result = ALLOC_RESULT_BLOCK},
    [KIND_REALLOC] = {1, NONE, 0, NONE, .result = ALLOC_RESULT_BLOCK},
    [KIND_ALIGNED] = {1, NONE, NONE, NONE, .result = ALLOC_RESULT_BLOCK},
    [KIND_POSIX_MEMALIGN] = {2, NONE, NONE, 0, .result = ALLOC_RESULT_ERROR},
    [KIND_FREE] = {NONE, NONE, 0, NONE, .result = ALLOC_RESULT_NOTHING},
    [KIND_RUST_REALLOC] = {3, NONE, 0, NONE, .result = ALLOC_RESULT_BLOCK},
    [KIND_ZIG_ALLOC] = {2, NONE, NONE, NONE, .result = ALLOC_RESULT_BLOCK, .from_end = true},
    [KIND_ZIG_FREE] = {NONE, NONE, 3, NONE, .from_end = true},
    [KIND_ZIG_RESIZE] = {1, NONE, 4, NONE, .result = ALLOC_RESULT_DONE, .from_end = true},
    [KIND_ZIG_REMAP] = {1, NONE, 4, NONE, .result = ALLOC_RESULT_BLOCK, .from_end = true},
    [KIND_VIA] = {NONE, NONE, NONE, NONE, .via = true},
    [KIND_COLLECTED] = {NONE, NONE, 0, NONE, .nested = true},
};

/* Names of functions that allocate: of C (and what dlmalloc and emscripten call them), of C++ (mangled, and in words), of Rust
 * (also with its crate in front; __rdl_ is what std has for __rust_, __rg_ a program's own global allocator: rustc_ast::expand::allocator), of AssemblyScript (as its runtime exports it). */
static const struct known {
    const char *name;
    uint8_t kind;
    bool prefix; /* names that begin so */
} known[] = {
    {"malloc", KIND_MALLOC, false},
    {"dlmalloc", KIND_MALLOC, false},
    {"__libc_malloc", KIND_MALLOC, false},
    {"emscripten_builtin_malloc", KIND_MALLOC, false},
    {"calloc", KIND_CALLOC, false},
    {"dlcalloc", KIND_CALLOC, false},
    {"__libc_calloc", KIND_CALLOC, false},
    {"emscripten_builtin_calloc", KIND_CALLOC, false},
    {"realloc", KIND_REALLOC, false},
    {"dlrealloc", KIND_REALLOC, false},
    {"__libc_realloc", KIND_REALLOC, false},
    {"emscripten_builtin_realloc", KIND_REALLOC, false},
    {"aligned_alloc", KIND_ALIGNED, false},
    {"memalign", KIND_ALIGNED, false},
    {"dlmemalign", KIND_ALIGNED, false},
    {"posix_memalign", KIND_POSIX_MEMALIGN, false},
    {"free", KIND_FREE, false},
    {"dlfree", KIND_FREE, false},
    {"__libc_free", KIND_FREE, false},
    {"emscripten_builtin_free", KIND_FREE, false},
    {"_Znw", KIND_MALLOC, true},
    {"_Zna", KIND_MALLOC, true},
    {"_ZdlPv", KIND_FREE, true},
    {"_ZdaPv", KIND_FREE, true},
    {"operator new(", KIND_MALLOC, true},
    {"operator new[](", KIND_MALLOC, true},
    {"operator delete(", KIND_FREE, true},
    {"operator delete[](", KIND_FREE, true},
    {"__rust_alloc", KIND_MALLOC, false},
    {"__rust_alloc_zeroed", KIND_MALLOC, false},
    {"__rust_realloc", KIND_RUST_REALLOC, false},
    {"__rust_dealloc", KIND_FREE, false},
    {"__rdl_alloc", KIND_MALLOC, false},
    {"__rdl_alloc_zeroed", KIND_MALLOC, false},
    {"__rdl_realloc", KIND_RUST_REALLOC, false},
    {"__rdl_dealloc", KIND_FREE, false},
    {"__rg_alloc", KIND_MALLOC, false},
    {"__rg_alloc_zeroed", KIND_MALLOC, false},
    {"__rg_realloc", KIND_RUST_REALLOC, false},
    {"__rg_dealloc", KIND_FREE, false},
    {"__new", KIND_MALLOC, false},
    {"__renew", KIND_REALLOC, false},
    {"mem.Allocator.", KIND_VIA, true},
};

/* Ends of names behind a beginning: AssemblyScript's runtimes (stub, tcms, itcms, and tlsf below them; std/assembly/rt), Zig's
 * allocators (lib/std/heap). */
static const struct member {
    const char *begin, *end;
    uint8_t kind;
} members[] = {
    {"~lib/rt/", "/__new", KIND_MALLOC},     {"~lib/rt/", "/__renew", KIND_REALLOC},
    {"~lib/rt/", "/__alloc", KIND_MALLOC},   {"~lib/rt/", "/__realloc", KIND_REALLOC},
    {"~lib/rt/", "/__free", KIND_COLLECTED}, {"heap.", ".alloc", KIND_ZIG_ALLOC},
    {"heap.", ".free", KIND_ZIG_FREE},       {"heap.", ".resize", KIND_ZIG_RESIZE},
    {"heap.", ".remap", KIND_ZIG_REMAP},
};

static bool begins(struct wasm_name name, const char *text)
{
    size_t size = strlen(text);
    return name.size >= size && memcmp(name.bytes, text, size) == 0;
}

static bool ends(struct wasm_name name, const char *text)
{
    size_t size = strlen(text);
    return name.size >= size && memcmp(name.bytes + name.size - size, text, size) == 0;
}

/* Rust's v0 names end in their length and the plain name: `_RNvCs…_7___rustc12___rust_alloc`. */
static bool is_rust_name(struct wasm_name name, const char *plain)
{
    char end[64];
    snprintf(end, sizeof end, "%zu_%s", strlen(plain), plain);
    return name.size > strlen(end) && begins(name, "_R") && ends(name, end);
}

const struct alloc_shape *alloc_shape_of_name(struct wasm_name name)
{
    if (!name.bytes)
        return NULL;
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        const struct known *k = &known[i];
        if ((begins(name, k->name) && (k->prefix || name.size == strlen(k->name))) ||
            (strncmp(k->name, "__r", 3) == 0 && is_rust_name(name, k->name)))
            return &kinds[k->kind];
    }
    for (size_t i = 0; i < sizeof members / sizeof *members; i++)
        if (begins(name, members[i].begin) && ends(name, members[i].end))
            return &kinds[members[i].kind];
    return NULL;
}

bool alloc_name_has_header(struct wasm_name name)
{
    return name.bytes && begins(name, "~lib/rt/") && ends(name, "/__free");
}

/* A word of the text, up to the next comma, colon or the end. */
struct word {
    const char *text;
    size_t size;
};

static bool is_word(struct word w, const char *text)
{
    return w.size == strlen(text) && memcmp(w.text, text, w.size) == 0;
}

/* Notes what the parameter is.  False: the word is none, or was there before. */
static bool take_role(struct alloc_shape *s, struct word w, uint8_t param)
{
    static const struct {
        const char *word;
        size_t at;
    } roles[] = {{"size", offsetof(struct alloc_shape, size)},
                 {"count", offsetof(struct alloc_shape, count)},
                 {"block", offsetof(struct alloc_shape, old)},
                 {"out", offsetof(struct alloc_shape, out)}};
    if (is_word(w, "-") || is_word(w, "align"))
        return true;
    if (w.size > 4 && memcmp(w.text, "out+", 4) == 0) {
        char *end;
        unsigned long bytes = strtoul(w.text + 4, &end, 10);
        if (w.text[4] < '0' || w.text[4] > '9' || end != w.text + w.size || bytes > INT32_MAX)
            return false;
        s->out_offset = (uint32_t)bytes;
        w.size = 3;
    }
    for (size_t i = 0; i < sizeof roles / sizeof *roles; i++) {
        uint8_t *number = (uint8_t *)s + roles[i].at;
        if (is_word(w, roles[i].word) && *number == ALLOC_NO_PARAM) {
            *number = param;
            return true;
        }
    }
    return false;
}

/* Makes numbers from the first parameter ones from the last. */
static void turn_around(struct alloc_shape *s, uint8_t count)
{
    uint8_t *numbers[] = {&s->size, &s->count, &s->old, &s->out};
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        if (*numbers[i] != ALLOC_NO_PARAM)
            *numbers[i] = (uint8_t)(count - 1 - *numbers[i]);
    s->from_end = true;
}

static bool take_result(struct alloc_shape *s, const char *text)
{
    const bool frees = s->old != ALLOC_NO_PARAM && s->size == ALLOC_NO_PARAM, out = s->out != ALLOC_NO_PARAM;
    s->result = frees || out ? ALLOC_RESULT_NOTHING : ALLOC_RESULT_BLOCK;
    if (!text)
        return true;
    if (strcmp(text, "block") == 0)
        return s->result == ALLOC_RESULT_BLOCK;
    s->result = strcmp(text, "error") == 0 ? ALLOC_RESULT_ERROR : ALLOC_RESULT_DONE;
    if (s->result == ALLOC_RESULT_ERROR)
        return out;
    return strcmp(text, "done") == 0 && !frees && !out && s->old != ALLOC_NO_PARAM;
}

bool alloc_shape_read(struct alloc_shape *shape, const char *text)
{
    for (size_t i = 0; i < WORDS; i++)
        if (strcmp(words[i], text) == 0) {
            *shape = kinds[i];
            return true;
        }
    *shape = (struct alloc_shape){.size = NONE, .count = NONE, .old = NONE, .out = NONE};
    const char *result = strchr(text, ':'), *end = result ? result : text + strlen(text);
    bool any = strncmp(text, "*,", 2) == 0;
    uint8_t count = 0;
    for (const char *at = any ? text + 2 : text; at <= end; count++) {
        const char *next = memchr(at, ',', (size_t)(end - at));
        next = next ? next : end;
        if (count == ALLOC_NO_PARAM || !take_role(shape, (struct word){at, (size_t)(next - at)}, count))
            return false;
        at = next + 1;
    }
    if (any)
        turn_around(shape, count);
    if (shape->size == ALLOC_NO_PARAM &&
        (shape->old == ALLOC_NO_PARAM || shape->count != ALLOC_NO_PARAM || shape->out != ALLOC_NO_PARAM))
        return false;
    return take_result(shape, result ? result + 1 : NULL);
}
