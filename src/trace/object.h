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

/* What the result of a function that allocates says. */
enum alloc_result {
    ALLOC_RESULT_NOTHING, /* or there is none */
    ALLOC_RESULT_BLOCK,   /* the block; 0: there is none */
    ALLOC_RESULT_ERROR,   /* 0: what `out` points to is the block; else there is none */
    ALLOC_RESULT_DONE,    /* 0: nothing was done; else the old block has the new size, in its place */
};

enum { ALLOC_NO_PARAM = 255 };

/* How a function allocates: which parameters say what, by number from 0. */
struct alloc_shape {
    uint8_t size, count, old, out; /* ALLOC_NO_PARAM: none.  `out` points to where the block's address is put */
    uint8_t result;                /* enum alloc_result */
    bool from_end;                 /* numbers begin at the last parameter */
    bool nested;         /* told of inside other functions that allocate, too: what a collector frees that runs there */
    bool via;            /* takes its blocks from other such functions: they count as allocated by its callers */
    uint32_t out_offset; /* from where `out` points */
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
    uint32_t stack_global;             /* its stack pointer; UINT32_MAX: none */
    uint64_t stack_top;                /* its first value */
    uint64_t heap_base;                /* above static data and the stack, if that lies there */
    const struct alloc_shape **allocs; /* of each function, borrowed; NULL: it does not allocate */
    uint32_t header; /* bytes in front of a block that are freed with it, by their own address; 0: there are none */
};

enum { STACK_RED_ZONE = 128 }; /* what a function that calls nothing may use below the stack pointer */

#endif
