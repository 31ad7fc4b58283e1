/* object.h: what data an access touches: how code tells the analysis of allocations and of the stack, and what the objects are.
 *
 * Records (record.h) with SITE_OBJECT in their heads:
 *
 *     allocation   head:32 call site:32 block:64 size:64 old:64    4 units; old: a block that is no more; 0: none
 *     stack        head:32 function index:32 pointer:64            2 units; the function set the stack pointer */
#ifndef MT_TRACE_OBJECT_H
#define MT_TRACE_OBJECT_H

#include "trace/site.h"

#include <stdbool.h>

/* Functions that allocate, by what they take and leave. */
enum alloc_kind {
    ALLOC_NONE,
    ALLOC_MALLOC,         /* size, … → block */
    ALLOC_CALLOC,         /* count, size → block */
    ALLOC_REALLOC,        /* block, size → block */
    ALLOC_ALIGNED,        /* alignment, size → block */
    ALLOC_POSIX_MEMALIGN, /* address of the block's, alignment, size → 0 or an error */
    ALLOC_FREE,           /* block, … */
    ALLOC_RUST_REALLOC,   /* block, size, alignment, size → block */
    ALLOC_KINDS,
};

enum object_kind {
    OBJECT_VARIABLE,    /* of static data, by debug information */
    OBJECT_SEGMENT,     /* of static data: what is left of a data segment */
    OBJECT_STATIC,      /* static data of which no more is known */
    OBJECT_STACK,       /* the stack frames of a function */
    OBJECT_HEAP,        /* blocks that one instruction allocated */
    OBJECT_UNALLOCATED, /* the heap outside of blocks: what the allocator keeps, or gave back */
    OBJECT_OTHER,       /* other memories, addresses beyond 4 GiB, and what was too much to be told apart */
    OBJECT_KINDS,
};

/* A piece of static data. */
struct object_static {
    uint64_t address, size;
    const char *name;  /* owned by whoever has the array, like the array itself */
    uint8_t kind;      /* OBJECT_VARIABLE or OBJECT_SEGMENT; variables come after segments, and hide them */
    const char *field; /* of a variable; NULL: all of it that is in no field.  Fields come after their variables */
    uint64_t whole;    /* the variable's size; 0: that of the piece */
    size_t same;       /* the piece in the array that is the same object, or its own place there */
};

/* A variable in a function's frame, or a field of one. */
struct object_local {
    uint64_t offset, size;    /* from where the stack pointer is while the function runs; of one that never sets it,
                                 from STACK_RED_ZONE below */
    const char *name, *field; /* as those of object_static */
    uint32_t func;
    uint32_t same; /* pieces that are one object have the same number, below local_count */
    bool below;    /* its function never sets the stack pointer */
};

/* What is known of a module's memory before it runs. */
struct object_layout {
    struct object_local *locals; /* by function and offset, fields behind their variables; no two variables overlap */
    size_t local_count;
    uint32_t *
        local_first; /* of each function, the first of its locals; one more than there are functions.  NULL: there are none */
    size_t func_count;
    struct object_static *statics;
    size_t static_count;
    uint32_t stack_global; /* its stack pointer; UINT32_MAX: none */
    uint64_t stack_top;    /* its first value */
    uint64_t heap_base;    /* above static data and the stack, if that lies there */
    uint8_t *allocs;       /* enum alloc_kind of each function */
};

enum { STACK_RED_ZONE = 128 }; /* what a function that calls nothing may use below the stack pointer */

#endif
