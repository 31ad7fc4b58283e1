#include "engine/replay.h"

#include "base/vec.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum { BYTES_MAX = 256 << 20 }; /* in the list; the second run waits until there are fewer */

struct call {
    uint32_t func, result;
    size_t end; /* of its ranges, in `ranges` */
};

struct range {
    uint64_t address, size;
    uint8_t *bytes;
};

struct replay {
    pthread_mutex_t lock; /* of all below */
    pthread_cond_t news;
    struct call *calls;
    size_t call_count, call_capacity, calls_taken;
    struct range *ranges;
    size_t range_count, range_capacity, ranges_taken;
    enum replay_state state;
    uint64_t checksum, bytes;
    bool ended;     /* nothing will be added */
    bool abandoned; /* nor taken */
    bool failed;
};

struct replay *replay_new(void)
{
    struct replay *r = calloc(1, sizeof *r);
    if (!r)
        return NULL;
    pthread_mutex_init(&r->lock, NULL);
    pthread_cond_init(&r->news, NULL);
    return r;
}

void replay_free(struct replay *r)
{
    if (!r)
        return;
    for (size_t i = r->ranges_taken; i < r->range_count; i++)
        free(r->ranges[i].bytes);
    free(r->ranges);
    free(r->calls);
    pthread_cond_destroy(&r->news);
    pthread_mutex_destroy(&r->lock);
    free(r);
}

void replay_wrote(struct replay *r, uint64_t address, const uint8_t *bytes, uint64_t size)
{
    pthread_mutex_lock(&r->lock);
    uint8_t *copy = malloc(size + 1);
    if (copy && vec_room((void **)&r->ranges, &r->range_capacity, r->range_count, sizeof *r->ranges)) {
        memcpy(copy, bytes, size);
        r->ranges[r->range_count++] = (struct range){address, size, copy};
        r->bytes += size;
    } else {
        free(copy);
        r->failed = true;
    }
    pthread_mutex_unlock(&r->lock);
}

void replay_returned(struct replay *r, uint32_t func, uint32_t result)
{
    pthread_mutex_lock(&r->lock);
    if (vec_room((void **)&r->calls, &r->call_capacity, r->call_count, sizeof *r->calls))
        r->calls[r->call_count++] = (struct call){func, result, r->range_count};
    else
        r->failed = true;
    pthread_cond_broadcast(&r->news);
    while (r->bytes > BYTES_MAX && !r->abandoned && !r->failed)
        pthread_cond_wait(&r->news, &r->lock);
    pthread_mutex_unlock(&r->lock);
}

void replay_become(struct replay *r, enum replay_state state, uint64_t checksum)
{
    pthread_mutex_lock(&r->lock);
    r->state = state;
    r->checksum = checksum;
    r->ended = r->ended || state == REPLAY_TAKEN;
    pthread_cond_broadcast(&r->news);
    pthread_mutex_unlock(&r->lock);
}

void replay_end(struct replay *r)
{
    pthread_mutex_lock(&r->lock);
    if (r->state == REPLAY_AHEAD)
        r->state = REPLAY_ENDED;
    r->ended = true;
    pthread_cond_broadcast(&r->news);
    pthread_mutex_unlock(&r->lock);
}

void replay_abandon(struct replay *r)
{
    pthread_mutex_lock(&r->lock);
    r->abandoned = true;
    pthread_cond_broadcast(&r->news);
    pthread_mutex_unlock(&r->lock);
}

enum replay_state replay_wait(struct replay *r, uint64_t *checksum)
{
    pthread_mutex_lock(&r->lock);
    while (r->state == REPLAY_AHEAD)
        pthread_cond_wait(&r->news, &r->lock);
    enum replay_state state = r->state;
    *checksum = r->checksum;
    pthread_mutex_unlock(&r->lock);
    return state;
}

static bool has_call(const struct replay *r)
{
    return r->calls_taken < r->call_count;
}

static bool do_call(struct replay *r, uint32_t func, uint8_t *memory, uint64_t memory_size, uint32_t *result)
{
    const struct call *call = &r->calls[r->calls_taken++];
    bool ok = call->func == func && !r->failed;
    for (; r->ranges_taken < call->end; r->ranges_taken++) {
        struct range *range = &r->ranges[r->ranges_taken];
        ok = ok && range->size <= memory_size && range->address <= memory_size - range->size;
        if (ok)
            memcpy(memory + range->address, range->bytes, range->size);
        free(range->bytes);
        r->bytes -= range->size;
    }
    pthread_cond_broadcast(&r->news);
    *result = call->result;
    return ok;
}

enum replay_answer replay_take(struct replay *r, uint32_t func, uint8_t *memory, uint64_t memory_size, uint32_t *result)
{
    pthread_mutex_lock(&r->lock);
    while (!has_call(r) && !r->ended && !r->failed)
        pthread_cond_wait(&r->news, &r->lock);
    enum replay_answer answer = r->failed ? REPLAY_WRONG : REPLAY_NONE;
    if (has_call(r))
        answer = do_call(r, func, memory, memory_size, result) ? REPLAY_CALL : REPLAY_WRONG;
    pthread_mutex_unlock(&r->lock);
    return answer;
}
