/* rewriter.h: the state that the files of this folder share while one module is rewritten. */
#ifndef MT_REWRITE_REWRITER_H
#define MT_REWRITE_REWRITER_H

#include "rewrite/rewrite.h"
#include "trace/guest.h"
#include "trace/planes.h"
#include "wasm/encode.h"
#include "wasm/instr.h"

/* Scratch space in the first page of the trace memory: a piece of a data segment, to compare it with what it overwrites; a call's
 * iovecs as they were before the call, or a byte for each of its subscriptions; numbers about the call (wasi_functions.c); what
 * stands at GUEST_NAME_COUNT. */
enum {
    SCRATCH_INIT = 0,
    SCRATCH_INIT_SIZE = 4096,
    SCRATCH_IOVECS = SCRATCH_INIT_SIZE,
    SCRATCH_IOVECS_MAX = 7168,
    SCRATCH_CALL = SCRATCH_IOVECS + 8 * SCRATCH_IOVECS_MAX,
};

/* What wrappers of WASI call, in the order of wasi_functions.c. */
enum wasi_fn {
    WASI_FN_RANGE,
    WASI_FN_PATH,
    WASI_FN_WHOLE,
    WASI_FN_IOVECS,
    WASI_FN_IOVEC,
    WASI_FN_TABLE,
    WASI_FN_BUFFERS,
    WASI_FN_KIND,
    WASI_FN_SUBS,
    WASI_FN_POLLED,
    WASI_FN_EVENTS,
    WASI_FN_FIND_NAME,
    WASI_FN_NAME,
    WASI_FN_NOTE_NAME,
    WASI_FNS,
};

enum { ONLINE_WIDTHS = 5 };

struct added_func {
    uint32_t type;
    char name[64];
    struct buf body; /* locals and code, without its size */
};

struct added_type {
    uint8_t bytes[24]; /* one encoded function type */
    uint8_t size;
};

/* A hook is named by the access that it records: one for each opcode and memarg, or each pair of memories, or each
 * segment and memory. */
struct hook_key {
    uint64_t static_offset;
    uint32_t segment;
    uint16_t opcode, memory, memory_from;
    uint8_t align_log2, lane;
};

struct hook {
    struct hook_key key;
    uint32_t func; /* 0: an empty slot of the hash table */
};

struct rewriter {
    const struct wasm_module *in;
    const struct rewrite_options *options;
    struct site_table *sites;
    struct places *places; /* NULL: nobody looks for any (places.h) */
    struct error *err;

    struct added_type *types;
    size_t type_count, type_capacity;
    struct added_func *funcs;
    size_t func_count, func_capacity;
    struct hook *hooks; /* open addressing, a power of two */
    size_t hook_count, hook_capacity;

    uint32_t
        *wrappers;     /* of each of the first wrapper_count functions: the index of its wrapper, 0 where it has none */
    uint32_t *entries; /* the same for calls from outside: sets the call site to none, then calls the wrapper */
    uint32_t wrapper_count;     /* the imports, and where allocations are followed, all functions */
    bool wraps;                 /* some function has a wrapper */
    bool wraps_indirectly;      /* a wrapper can be reached through a reference */
    bool throws, throws_legacy; /* the module has exceptions, of which kind */

    uint32_t trace_memory, host_table;
    uint32_t planes[PLANE_COUNT]; /* memory indices; online only */
    uint64_t cells;               /* where the next cell goes */
    struct buf hints;             /* of all functions, as the branch hint section has them */
    uint32_t hinted_funcs;
    uint32_t pointer, limit, lost, kept, call_site; /* global indices */
    uint32_t arg_count, arg_bytes, env_count, env_bytes;
    uint32_t log_at; /* a global: where the next entry of the log goes */
    struct {
        uint32_t parent, slot, from, host, noted, nodes, free, transitions; /* globals: context.h, trace/context.h */
        uint32_t enter, note;                                               /* functions */
        bool *bare;         /* of each function that may have a wrapper: it is only there for contexts or allocations */
        size_t extra_sites; /* sites so far that are only there for those: habits do not count them */
    } context;
    uint32_t alloc_depth; /* a global: how many functions that allocate are running */
    uint32_t alloc_via;   /* a global: the call by way of which they run (alloc_shape, `via`); 0: none */
    uint32_t note_stack;  /* a function: tells the trace of the stack pointer */
    uint32_t added_globals;
    struct buf proofs; /* globals whose only use is that they are valid: refs.c */
    uint32_t proof_count;
    bool proves;      /* they are being collected */
    uint32_t refused; /* a global: how often --max-memory refused to let a memory grow; only with that option */
    uint32_t *grows;  /* of each memory: what stands in the place of memory.grow, or 0; NULL without that option */
    uint32_t flush;   /* function indices */
    uint32_t online_load[ONLINE_WIDTHS], online_store[ONLINE_WIDTHS]; /* by width: 1, 2, 4, 8, 16 */
    uint32_t online_silent[3];                                        /* by lanes: 1, 2, 4 */
    uint32_t online_range;                                            /* fills and copies of few bytes */
    struct {
        uint32_t room, peek[4], functions[WASI_FNS];
    } host;           /* function indices, where there are wrappers of WASI */
    int inline_depth; /* loops that must enclose an access for its code to stand in the body */
};

/* Appends a function and hands out its index; its body is put into *body by the caller, who may hold the pointer until
 * the next call of this function. */
bool rewriter_add_func(struct rewriter *rw, const char *params, const char *results, const char *name, uint32_t *index,
                       struct buf **body);
/* The same for a type index that exists. */
bool rewriter_add_func_of_type(struct rewriter *rw, uint32_t type, const char *name, uint32_t *index,
                               struct buf **body);
/* A function type, by letters: i, l, f, d, v for i32, i64, f32, f64, v128. */
bool rewriter_type(struct rewriter *rw, const char *params, const char *results, uint32_t *index);

/* A body's code, behind its locals, whose types are noted in *use.  False where the locals cannot be read. */
bool rewriter_code(const struct rewriter *rw, uint32_t func, struct wasm_type_use *use, struct cursor *code);

/* Adds a site; false when the table is full or memory short. */
bool rewriter_add_site(struct rewriter *rw, const struct site *site, site_id *id);

/* runtime.c: the function that makes room for records. */
bool runtime_add(struct rewriter *rw);

/* grow.c: functions for memory.grow, under --max-memory. */
bool grow_add_runtime(struct rewriter *rw);

/* host.c: wrappers of imports. */
bool host_add_wrappers(struct rewriter *rw);

/* The same for calls from outside, if the function is exported. */
bool host_add_entry(struct rewriter *rw, uint32_t func, uint32_t type);

/* object.c: wrappers of functions that allocate, and what tells of the stack pointer. */
bool object_add_runtime(struct rewriter *rw);

/* hooks.c: the hook of an access, made when it is first asked for. */
bool hook_for(struct rewriter *rw, const struct wasm_instr *instr, const struct site *site, uint32_t *func);

/* bulk.c: bodies of the hooks of fill, copy and init. */
void bulk_hook_body(struct rewriter *rw, const struct wasm_instr *instr, const struct site *site, struct buf *body);
/* Their operands, as letters. */
void bulk_hook_params(const struct rewriter *rw, const struct wasm_instr *instr, char params[4]);

/* body.c: one function's body, appended with its size to `out`. */
bool body_rewrite(struct rewriter *rw, uint32_t func, struct buf *scratch, struct buf *out);

/* refs.c: sections that mention functions, with wrapped imports replaced.  Each appends the vector's items without its
 * count; returns whether it replaced any. */
bool refs_put_tables(struct rewriter *rw, struct buf *out);
bool refs_put_globals(struct rewriter *rw, struct buf *out);
bool refs_put_elements(struct rewriter *rw, struct buf *out);
bool refs_put_exports(struct rewriter *rw, struct buf *out);

/* Whether the function, or what is outside of the code, names a type without its subtypes.  False where the body cannot be read. */
bool refs_find_exact(struct rewriter *rw, uint32_t func, bool *exact);

/* sections.c, names.c: everything else of the output. */
bool sections_write(struct rewriter *rw, const struct buf *bodies, struct buf *out);
void names_write(struct rewriter *rw, const struct wasm_section *section, struct buf *out);
void producers_write(struct rewriter *rw, const struct wasm_section *section, struct buf *out);
void site_section_write(struct rewriter *rw, struct buf *out);

/* The index to use instead of a function's: its wrapper's for a wrapped import, else itself. */
static inline uint32_t rewriter_func(const struct rewriter *rw, uint32_t func)
{
    return func < rw->wrapper_count && rw->wrappers[func] ? rw->wrappers[func] : func;
}

/* Whether a reference to the function is one to a type that its wrapper's is more than: an import may be of a subtype, a function of the
 * module's own is of exactly its type. */
bool rewriter_widens(const struct rewriter *rw, uint32_t func);

/* The memories from that index on are the module's own. */
static inline size_t rewriter_first_own_memory(const struct rewriter *rw)
{
    size_t imported = 0;
    for (size_t i = 0; i < rw->in->import_count; i++)
        imported += rw->in->imports[i].kind == WASM_EXTERN_MEMORY;
    return imported;
}

/* How many pages a memory without a maximum may have: pages of a byte cannot be as many as addresses. */
static inline uint64_t rewriter_most_pages(const struct wasm_memory *m)
{
    uint64_t last = m->is_64 ? UINT64_MAX : UINT32_MAX; /* a byte's address */
    return m->page_size_log2 ? (last >> m->page_size_log2) + 1 : last;
}

static inline bool memory_is_64(const struct rewriter *rw, uint32_t memory)
{
    return memory < rw->in->memory_count && rw->in->memories[memory].is_64;
}

#endif
