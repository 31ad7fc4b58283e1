/* facts.h: what the code around an access says about it, found without running it: the loop it stands in, how its address is
 * made, and what a store stores.
 *
 * Everything here is true of every execution of the instruction; what cannot be told is BASE_UNKNOWN or VALUE_ANY.  A function is
 * walked when one of its sites is first asked for. */
#ifndef MT_FACTS_FACTS_H
#define MT_FACTS_FACTS_H

#include "trace/site.h"

#include <stdbool.h>

/* What the address operand is, apart from a constant that is added. */
enum base_kind {
    BASE_UNKNOWN,
    BASE_CONST,  /* nothing */
    BASE_LOCAL,  /* local `index`, as it was when it was fetched */
    BASE_GLOBAL, /* global `index`, the same way */
    BASE_FRAME, /* global `index` as it was at the function's entry, and the access lies below it: the function's own frame */
};

enum value_source {
    VALUE_ANY,
    VALUE_CONST,  /* `constant` */
    VALUE_STEADY, /* a local that the innermost loop around it does not write */
    VALUE_LOAD,   /* what a load just fetched, unchanged */
    VALUE_LOADS,  /* put together by shifts and ors, from what a load just fetched */
};

/* What a function does at memory in all, where that is one thing (work.c). */
enum function_work {
    WORK_ANY,
    WORK_FILLS,  /* as memset */
    WORK_COPIES, /* as memcpy */
    WORK_READS,  /* as strlen, memcmp: its result depends on nothing but its parameters, globals, and memory */
};

struct site_facts {
    bool known;       /* false: nothing can be said, the rest is 0 */
    uint8_t base;     /* enum base_kind */
    uint8_t value;    /* enum value_source: of a store, and of a fill */
    bool invariant;   /* has the same address in every round of the innermost loop around it */
    bool sweeps;      /* its address is not known, or a local that the loop changes: it may go over memory */
    uint32_t index;   /* of the local or global */
    uint32_t reading; /* BASE_FRAME: which reading of the global (file_off); the same reading is the same value */
    int32_t named;    /* the local that the address is fetched from, for names; -1: none */
    int64_t addend;   /* the constant that the operand has in it; the static offset is the site's */
    uint64_t constant;
    uint32_t loop, loop_end; /* file_off of the innermost loop around it, and of its end; 0: none */
};

struct facts;
struct wasm_module;

/* Both are borrowed.  NULL when memory is short. */
struct facts *facts_new(const struct wasm_module *module, const struct site_table *table);
void facts_free(struct facts *f);

/* Never NULL. */
const struct site_facts *facts_find(struct facts *f, site_id id);

enum function_work facts_work(struct facts *f, uint32_t func);

/* Memory was short: what facts_find says of some sites is less than there is. */
bool facts_failed(const struct facts *f);

#endif
