#include "report/own.h"

#include "base/order.h"
#include "base/vec.h"
#include "report/pattern.h"
#include "report/strings.h"

#include <stdlib.h>
#include <string.h>

/* Where toolchains and package managers put what they bring, as debug information names it.  Globs as in suppressions: they fit a path
 * as a whole or from any folder on. */
static const char *const not_own[] = {
    /* Rust: the library as released builds name it, with its source installed, and as Debian has it; crates */
    "/rustc/*", "lib/rustlib/*", "rustc-*/library/*", "/rust/deps/*", "registry/src/*", "git/checkouts/*",
    /* C and C++: wasi-libc and wasi-sdk, headers of the system, LLVM's libraries */
    "wasi-libc*/*", "wasisdk:*", "wasi-sdk*/share/*", "wasi-sysroot/*", "libc-top-half/*", "libc-bottom-half/*",
    "dlmalloc/src/*", "/usr/include/*", "/usr/lib/*", "include/c++/v1/*", "lib/clang/*/include/*", "libcxx/*",
    "libcxxabi/*", "compiler-rt/lib/*",
    /* Emscripten */
    "emsdk/*", "emscripten/system/*", "cache/sysroot/include/*",
    /* AssemblyScript's library, and packages */
    "~lib/*", "node_modules/*",
    /* Go: the library of releases, distributions, `go install` and toolchains that Go fetched; modules; TinyGo */
    "/usr/local/go/src/*", "/usr/share/go*/src/*", "sdk/go1*/src/*", "Program Files/Go/src/*", "pkg/mod/*",
    "golang.org/toolchain@*", "*@v*.*/*.go", "tinygo*/src/*",
    /* Zig, as released and as Python's package has it */
    "lib/zig/*", "ziglang/lib/*", "zig-*/lib/*", "lib/std/*.zig", "lib/compiler_rt/*.zig"};

/* Builds with -trimpath name Go's library by its packages alone. */
static const char *const go_packages[] = {
    "bufio",   "bytes", "cmp",     "compress", "container", "context", "crypto", "encoding", "errors",
    "fmt",     "go",    "hash",    "internal", "io",        "iter",    "log",    "maps",     "math",
    "net",     "os",    "path",    "reflect",  "regexp",    "runtime", "slices", "sort",     "strconv",
    "strings", "sync",  "syscall", "text",     "time",      "unicode", "unsafe"};

static bool is_go_library(const char *file)
{
    const char *slash = strchr(file, '/'), *dot = strrchr(file, '.');
    if (!slash || !dot || strcmp(dot, ".go") != 0)
        return false;
    size_t size = (size_t)(slash - file);
    for (size_t i = 0; i < sizeof go_packages / sizeof *go_packages; i++)
        if (strlen(go_packages[i]) == size && memcmp(go_packages[i], file, size) == 0)
            return true;
    return false;
}

static const struct own_rule *rule_for(const struct own_rules *rules, const char *file)
{
    for (size_t i = rules ? rules->count : 0; i-- > 0;)
        if (pattern_fits_file(rules->items[i].glob, file))
            return &rules->items[i];
    return NULL;
}

const char *own_not(const struct own_rules *rules, const char *file)
{
    const struct own_rule *rule = rule_for(rules, file);
    if (rule)
        return rule->is_own ? NULL : rule->glob;
    for (size_t i = 0; i < sizeof not_own / sizeof *not_own; i++)
        if (pattern_fits_file(not_own[i], file))
            return not_own[i];
    return is_go_library(file) ? "Go's library" : NULL;
}

bool own_by_rule(const struct own_rules *rules, const char *file)
{
    const struct own_rule *rule = rule_for(rules, file);
    return rule && rule->is_own;
}

enum grade { GRADE_FOREIGN, GRADE_OWN, GRADE_AT_HAND };

struct search {
    const struct own_rules *rules;
    struct strings *known; /* by a file's address, since frames share them: "" for an own file */
};

/* Code that has no line (DWARF's 0) has no file either.  False when memory is short. */
static bool grade_frame(struct search *s, const struct report_frame *frame, enum grade *grade)
{
    *grade = GRADE_FOREIGN;
    if (!frame->file || !frame->line)
        return true;
    const char *why = strings_find(s->known, (uintptr_t)frame->file);
    if (!why) {
        const char *found = own_not(s->rules, frame->file);
        why = strings_add(s->known, found ? found : "", found ? strlen(found) : 0);
        if (!why || !strings_file(s->known, (uintptr_t)frame->file, why))
            return false;
    }
    if (!*why)
        *grade = frame->text || own_by_rule(s->rules, frame->file) ? GRADE_AT_HAND : GRADE_OWN;
    return true;
}

static bool find_in(struct search *s, struct report_side *side)
{
    enum grade best = GRADE_FOREIGN;
    side->own = OWN_NONE;
    for (uint32_t i = 0; i < side->frame_count; i++) {
        enum grade grade;
        if (!grade_frame(s, &side->frames[i], &grade))
            return false;
        if (grade > best) {
            best = grade;
            side->own = i;
        }
    }
    return true;
}

static int compare_frames(const void *left, const void *right)
{
    const struct report_side *const *a = left, *const *b = right;
    return compare_u64((uintptr_t)(*a)->frames, (uintptr_t)(*b)->frames);
}

/* Collects the sides whose own frame is to be found. */
static size_t collect(struct report *r, bool all, struct report_side **sides)
{
    size_t count = 0;
    for (size_t i = 0; i < r->pair_count; i++) {
        sides[count++] = &r->pairs[i].first;
        sides[count++] = &r->pairs[i].second;
    }
    for (size_t i = 0; i < r->context_count; i++)
        sides[count++] = &r->contexts[i].call;
    for (size_t i = 0; i < r->object_count; i++)
        sides[count++] = &r->objects[i].call;
    for (size_t i = 0; i < r->trap_at.depth; i++)
        sides[count++] = &r->trap_at.stack[i];
    for (size_t i = 0; i < r->unread_count; i++)
        sides[count++] = &r->unread[i].store;
    size_t kept = 0;
    for (size_t i = 0; i < count; i++)
        if (sides[i]->frame_count && (all || sides[i]->own == OWN_UNKNOWN))
            sides[kept++] = sides[i];
    return kept;
}

bool own_find(struct report *r, const struct own_rules *rules)
{
    size_t room = 2 * r->pair_count + r->context_count + r->object_count + r->trap_at.depth + r->unread_count;
    struct report_side **sides = calloc(room + 1, sizeof(struct report_side *));
    struct search s = {rules, strings_new()};
    bool ok = sides && s.known;
    size_t count = ok ? collect(r, rules && rules->count, sides) : 0;
    if (count)
        qsort(sides, count, sizeof *sides, compare_frames);
    for (size_t i = 0; ok && i < count; i++) { /* instructions of one site share their frames */
        if (i && sides[i]->frames == sides[i - 1]->frames)
            sides[i]->own = sides[i - 1]->own;
        else
            ok = find_in(&s, sides[i]);
    }
    strings_free(s.known);
    free(sides);
    return ok;
}

static int compare_files(const void *left, const void *right)
{
    const char *const *a = left, *const *b = right;
    return compare_u64((uintptr_t)*a, (uintptr_t)*b);
}

bool own_each_file(const struct report *r, void (*see)(const void *self, const char *file), const void *self)
{
    size_t count = 0, capacity = 0;
    const char **files = NULL;
    for (size_t i = 0; i < r->pair_count; i++)
        for (int k = 0; k < 2; k++) {
            const struct report_side *side = k ? &r->pairs[i].second : &r->pairs[i].first;
            for (uint32_t f = 0; f < side->frame_count; f++) {
                if (!side->frames[f].file || (count && files[count - 1] == side->frames[f].file))
                    continue;
                if (!vec_room((void **)&files, &capacity, count, sizeof *files)) {
                    free(files);
                    return false;
                }
                files[count++] = side->frames[f].file;
            }
        }
    if (count)
        qsort(files, count, sizeof *files, compare_files);
    for (size_t i = 0; i < count; i++)
        if (!i || files[i] != files[i - 1])
            see(self, files[i]);
    free(files);
    return true;
}
