#include "examples.h"

#include "gen.h"

#define LOAD(size, at) {ACCESS_LOAD, 0, at, size, 0}
#define STORE(size, at) {ACCESS_STORE, 0, at, size, 0}
#define SAME(size, at) {ACCESS_STORE, 1, at, size, 0} /* what memory holds already */
#define RMW(size, at) {ACCESS_RMW, 0, at, size, 0}
#define CMPXCHG(size, at, wrote) {ACCESS_CMPXCHG, wrote, at, size, 0}
#define WAIT(size, at) {ACCESS_WAIT, 0, at, size, 0}
#define FILL(size, at) {ACCESS_FILL, 0, at, size, 0}
#define SAME_FILL(size, at) {ACCESS_FILL, 1, at, size, 0}
#define COPY(size, at, from) {ACCESS_COPY, 0, at, size, from}
#define SAME_COPY(size, at, from) {ACCESS_COPY, 1, at, size, from}
#define INIT(size, at) {ACCESS_INIT, 0, at, size, 0}
#define HOST_READ(size, at) {ACCESS_HOST_READ, 0, at, size, 0}
#define HOST_WRITE(size, at) {ACCESS_HOST_WRITE, 0, at, size, 0}
#define ENTER {ACCESS_OPAQUE_ENTER, 0, 0, 0, 0}
#define LEAVE {ACCESS_OPAQUE_LEAVE, 0, 0, 0, 0}

#define DEAD(first, second, bytes) {DEFECT_DEAD_STORE, first, second, bytes}
#define SILENT(first, second, bytes) {DEFECT_SILENT_STORE, first, second, bytes}
#define AFTER_LOAD(first, second, bytes) {DEFECT_SILENT_LOAD_AFTER_LOAD, first, second, bytes}
#define AFTER_STORE(first, second, bytes) {DEFECT_SILENT_LOAD_AFTER_STORE, first, second, bytes}

const struct example examples[] = {
    {"overwritten", {STORE(4, 100), STORE(4, 100)}, {DEAD(0, 1, 4)}, 4},
    {"read, then the same again",
     {STORE(4, 100), LOAD(4, 100), SAME(4, 100)},
     {AFTER_STORE(0, 1, 4), SILENT(0, 2, 4)},
     4},
    {"zero on fresh memory", {SAME(4, 100)}, {SILENT(INDEX_INIT, 0, 4)}, 4},
    {"loaded twice", {LOAD(4, 100), LOAD(4, 100)}, {AFTER_LOAD(0, 1, 4)}, 0},
    {"partly new", {LOAD(4, 100), LOAD(8, 100)}, {{0}}, 0},
    {"half read", {STORE(8, 100), LOAD(4, 100), STORE(8, 100)}, {AFTER_STORE(0, 1, 4), DEAD(0, 2, 4)}, 8},
    {"two firsts", {STORE(2, 100), STORE(2, 102), STORE(4, 100)}, {DEAD(0, 2, 2), DEAD(1, 2, 2)}, 4},
    {"filled over", {STORE(4, 100), FILL(16, 96)}, {DEAD(0, 1, 4)}, 16},
    {"a copy reads", {STORE(4, 100), COPY(4, 200, 100), STORE(4, 100)}, {{0}}, 8},
    {"the host reads", {STORE(4, 100), HOST_READ(4, 100), STORE(4, 100)}, {{0}}, 4},
    {"the host overwrites", {SAME_FILL(64, 100), HOST_WRITE(64, 100)}, {SILENT(INDEX_INIT, 0, 64), DEAD(0, 1, 64)}, 0},
    {"an rmw reads", {STORE(4, 100), RMW(4, 100), STORE(4, 100)}, {DEAD(1, 2, 4)}, 4},
    {"four stores, one load",
     {STORE(1, 3), STORE(1, 4), STORE(1, 5), STORE(1, 6), LOAD(4, 3)},
     {AFTER_STORE(0, 4, 1), AFTER_STORE(1, 4, 1), AFTER_STORE(2, 4, 1), AFTER_STORE(3, 4, 1)},
     0},
    /* From here on not in the table, but in the rules. */
    {"after the host's write",
     {HOST_WRITE(8, 16), LOAD(4, 16), SAME(8, 16), LOAD(8, 16)},
     {SILENT(INDEX_HOST, 2, 8), AFTER_STORE(2, 3, 8)},
     0},
    {"the host's write takes the toucher", {STORE(4, 16), HOST_WRITE(1, 17), LOAD(4, 16)}, {DEAD(0, 1, 1)}, 0},
    {"init, host and a site before one store",
     {STORE(1, 18), HOST_WRITE(1, 17), SAME(4, 16)},
     {DEAD(0, 2, 1), SILENT(INDEX_INIT, 2, 2), SILENT(INDEX_HOST, 2, 1), SILENT(0, 2, 1)},
     4},
    {"a cmpxchg that failed fetches",
     {STORE(4, 16), CMPXCHG(4, 16, 0), LOAD(4, 16), STORE(4, 16)},
     {AFTER_LOAD(1, 2, 4)},
     4},
    {"a cmpxchg that wrote puts", {STORE(4, 16), CMPXCHG(4, 16, 1), STORE(4, 16)}, {DEAD(1, 2, 4)}, 4},
    {"a wait fetches, and is not silent", {LOAD(4, 16), WAIT(4, 16), LOAD(4, 16)}, {AFTER_LOAD(1, 2, 4)}, 0},
    {"both sides of one load",
     {STORE(4, 16), LOAD(2, 16), LOAD(4, 16)},
     {AFTER_STORE(0, 1, 2), AFTER_STORE(0, 2, 2), AFTER_LOAD(1, 2, 2)},
     0},
    {"a copy's ends meet",
     {STORE(8, 16), COPY(8, 20, 16), LOAD(4, 16), LOAD(8, 20)},
     {AFTER_LOAD(1, 2, 4), AFTER_STORE(1, 3, 8)},
     0},
    {"a copy onto itself",
     {STORE(4, 16), SAME_COPY(4, 16, 16), LOAD(4, 16)},
     {SILENT(0, 1, 4), AFTER_STORE(1, 2, 4)},
     0},
    {"both sides of a copy touch one load's bytes",
     {COPY(4, 20, 16), LOAD(8, 16)},
     {AFTER_LOAD(0, 1, 4), AFTER_STORE(0, 1, 4)},
     0},
    {"length 0", {STORE(4, 16), FILL(0, 16), COPY(0, 16, 18), INIT(0, 17), STORE(4, 16)}, {DEAD(0, 4, 4)}, 4},
    {"dead and silent at once", {INIT(16, 16), SAME(16, 16)}, {DEAD(0, 1, 16), SILENT(0, 1, 16)}, 16},
    {"an opaque call reads everything and touches it",
     {STORE(4, 16), LOAD(4, 20), ENTER, LEAVE, LOAD(4, 16), LOAD(4, 20), STORE(4, 24), STORE(4, 24)},
     {DEAD(4, 5, 4)},
     4},
    {"writers outlast an opaque call",
     {STORE(4, 16), ENTER, LOAD(4, 16), LEAVE, SAME(4, 16)},
     {AFTER_STORE(0, 1, 4), SILENT(0, 2, 4)},
     4},
    {"stores inside an opaque call are not read by it",
     {ENTER, STORE(4, 16), LEAVE, STORE(4, 16), ENTER, LEAVE, STORE(4, 16)},
     {DEAD(0, 1, 4)},
     4},
};

const size_t example_count = sizeof examples / sizeof examples[0];

static site_id site_for(struct site_table *t, bool one_site, unsigned kind, unsigned width)
{
    for (size_t i = 0; one_site && i < t->count; i++) {
        if (t->sites[i].kind == kind && t->sites[i].width == width)
            return (site_id)(SITE_FIRST + i);
    }
    return gen_site(t, kind, width, GEN_MEMORY, 0);
}

void example_make(const struct example *e, bool one_site, struct site_table *table, struct buf *out)
{
    for (const struct example_step *s = e->steps; s < e->steps + EXAMPLE_STEPS && s->kind; s++) {
        switch (s->kind) {
        case ACCESS_FILL:
        case ACCESS_INIT:
            gen_fill(out, site_for(table, one_site, s->kind, 0), s->at, s->size, s->flag);
            break;
        case ACCESS_COPY:
            gen_copy(out, site_for(table, one_site, s->kind, 0), s->at, s->from, s->size, s->flag);
            break;
        case ACCESS_HOST_READ:
            gen_host(out, SITE_HOST_READ, site_for(table, one_site, ACCESS_CALL, 0), s->at, s->size);
            break;
        case ACCESS_HOST_WRITE:
            gen_host(out, SITE_HOST_WRITE, site_for(table, one_site, ACCESS_CALL, 0), s->at, s->size);
            break;
        case ACCESS_OPAQUE_ENTER:
            gen_opaque(out, SITE_OPAQUE_ENTER, site_for(table, one_site, ACCESS_CALL, 0), 7);
            break;
        case ACCESS_OPAQUE_LEAVE:
            gen_opaque(out, SITE_OPAQUE_LEAVE, site_for(table, one_site, ACCESS_CALL, 0), 7);
            break;
        default:
            gen_scalar(table, out, site_for(table, one_site, s->kind, (unsigned)s->size), s->at, s->flag);
        }
    }
}
