#include "analyze/counters.h"

#include <stdlib.h>

void counters_release(struct counters *c)
{
    free(c->pairs);
    free(c->distances);
    free(c->opaque);
    free(c->unread);
    free(c->contexts);
    free(c->context_pairs);
    free(c->objects);
    free(c->map.cells);
    free(c->map.shares);
    c->map = (struct memory_map){0};
    c->objects = NULL;
    c->object_count = 0;
    c->contexts = NULL;
    c->context_pairs = NULL;
    c->context_count = c->context_pair_count = 0;
    c->pairs = NULL;
    c->distances = NULL;
    c->pair_count = 0;
    c->unread = NULL;
    c->unread_count = 0;
    c->opaque = NULL;
    c->opaque_count = 0;
}

uint64_t counters_accesses(const struct counters *c)
{
    uint64_t sum = 0;
    for (unsigned kind = 0; kind < sizeof c->accesses / sizeof c->accesses[0]; kind++) {
        if (access_is_numbered(kind))
            sum += c->accesses[kind];
    }
    return sum;
}
