/* context.h: calling contexts: how the code that rewrite/context.c adds keeps them, and how it tells the analysis of them.
 *
 * A context is a path of calls, as a node of a tree: function, call site, and the parent, in which the call stands.  A module
 * numbers its nodes upwards from CONTEXT_FIRST as they first occur, and says so in its trace (record.h: `new context`).
 * A record `context` says in which one all records up to the next of its kind were made.  It is written before an access
 * where the context is not the one of the last such record, so none tells of calls that access nothing.
 *
 * The module keeps its nodes behind the buffers of the trace memory:
 *
 *     nodes    each with a word for each call of its function: where that led when it was last made, 0 while it was not
 *     zeros    as many words as a function can have calls
 *     table    the transitions, open addressing: parent, call site, function, node, 32 bits each; node 0: free
 *
 * A node stands in code, in the table and in other nodes for where it begins behind CONTEXT_NODES_AT; only the trace numbers them.  So
 * a call of one function from one context finds its node where the context is, which the processor has at hand, and where the one
 * before was found.
 *
 * Without a limit of depth, a path never has a function twice: where one is entered that is in the path already, the context is
 * again that of its earlier entry.  So recursion, however deep, makes no new nodes.  With a limit the context is the innermost
 * frames, so many of them, whatever they are; the outermost of these has no call site. */
#ifndef MT_TRACE_CONTEXT_H
#define MT_TRACE_CONTEXT_H

#include "trace/guest.h"

enum {
    CONTEXT_ROOT = 0,  /* outside of all functions: the host, that calls the program */
    CONTEXT_OTHER = 1, /* of all that found no room among the nodes */
    CONTEXT_FIRST = 2,
};

/* The function of those that are none's. */
#define CONTEXT_NO_FUNC UINT32_MAX

enum {
    CONTEXT_NODES = 1 << 20,
    CONTEXT_TABLE_LOG2 = 21,
    CONTEXT_TRANSITIONS = 3 << (CONTEXT_TABLE_LOG2 - 2), /* the table is never fuller */
    CONTEXT_ENTRY = 16,                                  /* bytes of an entry of the table */
    CONTEXT_SPACE = 256 << 20,                           /* of all nodes */
    CONTEXT_ZEROS = 16 << 20,                            /* a body has less than 8 million bytes, a call two or more */
    /* Where a function is entered nodes are at static offsets: an engine needs no checks of bounds for small ones. */
    CONTEXT_NODES_AT = GUEST_TRACE_BASE + GUEST_BUFFERS * GUEST_BUFFER,
    CONTEXT_TABLE_AT = CONTEXT_NODES_AT + CONTEXT_SPACE + CONTEXT_ZEROS,
    CONTEXT_PAGES = ((CONTEXT_ENTRY << CONTEXT_TABLE_LOG2) + CONTEXT_SPACE + CONTEXT_ZEROS) / GUEST_PAGE,
    CONTEXT_DEPTH_MAX = 1000, /* frames that a limit may allow */
};

/* A node in the module's memory.  CONTEXT_ROOT's is at 0, that of CONTEXT_OTHER at CONTEXT_SPACE; the words of both stay 0. */
enum {
    NODE_NUMBER = 0,
    NODE_PARENT = 4,
    NODE_SITE = 8,
    NODE_FUNC = 12, /* + 1 */
    NODE_DEPTH = 16,
    NODE_SIZE = 20, /* bytes */
    NODE_CALLS = 24,
    NODE_ROOT_SIZE = 32,
};

#endif
