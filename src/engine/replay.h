/* replay.h: what the host did for the second of two runs (trace/halves.h), for the first to be told the same.
 *
 * The second run is ahead, and really calls WASI; each call is put into a list, with its result and what the host wrote to memory.
 * The first takes calls from the list in their order, and waits where it has come to its end. */
#ifndef MT_ENGINE_REPLAY_H
#define MT_ENGINE_REPLAY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct replay;

/* NULL when memory is short. */
struct replay *replay_new(void);
void replay_free(struct replay *r);

/* The second run: the host wrote this range during the present call; it holds what it wrote. */
void replay_wrote(struct replay *r, uint64_t address, const uint8_t *bytes, uint64_t size);
/* The present call, of the function with that index, is over. */
void replay_returned(struct replay *r, uint32_t func, uint32_t result);

enum replay_state {
    REPLAY_AHEAD,   /* the second run has not yet come to its part */
    REPLAY_TAKEN,   /* it has, and sees to the analysis from there on */
    REPLAY_REFUSED, /* it cannot: the first goes on to the end */
    REPLAY_ENDED,   /* it is over, and never came to its part */
};

/* The second run: what became of it when it came to its part, which it does once, and a checksum of memory there.  After REPLAY_TAKEN
 * nothing is put into the list. */
void replay_become(struct replay *r, enum replay_state state, uint64_t checksum);
/* It is over. */
void replay_end(struct replay *r);
/* The first run is over, and takes nothing more from the list. */
void replay_abandon(struct replay *r);

/* The first run: waits until the second one is not ahead any more. */
enum replay_state replay_wait(struct replay *r, uint64_t *checksum);

enum replay_answer {
    REPLAY_CALL,  /* done */
    REPLAY_NONE,  /* there is no such call, and never will be */
    REPLAY_WRONG, /* the second run made another one, or memory was short */
};

/* The first run: does what the host did in the next call, which must be one of this function, to memory. */
enum replay_answer replay_take(struct replay *r, uint32_t func, uint8_t *memory, uint64_t memory_size,
                               uint32_t *result);

#endif
