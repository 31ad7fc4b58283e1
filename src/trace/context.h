/* context.h: calling contexts: how the code that rewrite/context.c adds keeps them, and how it tells the analysis of them.
 *
 * A context is a path of calls, as a node of a tree: function, call site, and the parent, in which the call stands.  A module
 * numbers its nodes upwards from CONTEXT_FIRST as they first occur, and says so in its trace (record.h: `new context`).
 * A record `context` says in which one all records up to the next of its kind were made.  It is written before an access
 * where the context is not the one of the last such record, so none tells of calls that access nothing.
 *
 * The module keeps its nodes behind the buffers of the trace memory:
 *
 *     cache    a hash table without chains, (parent, call site, function + 1, node) 32 bits each, which code looks at when a
 *              function is entered.  Neighbours in the tree, whose numbers are near, stand near each other
 *     nodes    parent, call site, function, depth, by node
 *     table    the whole of the transitions, open addressing: parent, call site, function, node; node 0: free
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
    CONTEXT_CACHE_LOG2 = 20,
    CONTEXT_TABLE_LOG2 = 21,
    CONTEXT_TRANSITIONS = 3 << (CONTEXT_TABLE_LOG2 - 2), /* the table is never fuller */
    CONTEXT_ENTRY = 16,                                  /* bytes of an entry or node */
    CONTEXT_CACHE_AT = GUEST_TRACE_BASE + GUEST_BUFFERS * GUEST_BUFFER,
    CONTEXT_NODES_AT = CONTEXT_CACHE_AT + (CONTEXT_ENTRY << CONTEXT_CACHE_LOG2),
    CONTEXT_TABLE_AT = CONTEXT_NODES_AT + CONTEXT_ENTRY * CONTEXT_NODES,
    CONTEXT_PAGES = ((CONTEXT_ENTRY << CONTEXT_CACHE_LOG2) + CONTEXT_ENTRY * CONTEXT_NODES +
                     (CONTEXT_ENTRY << CONTEXT_TABLE_LOG2)) /
                    GUEST_PAGE,
    CONTEXT_DEPTH_MAX = 1000, /* frames that a limit may allow */
};

#endif
