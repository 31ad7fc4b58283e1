#include "analyze/log.h"

#include "analyze/tally.h"

#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

/* Distinct marks that fit into a tally's key. */
enum { MIXTURE_MAX = 4 };

struct log_reader {
    const struct site_table *table;
    const uint8_t *log;
    uint32_t start; /* of the buffer that the program is filling */

    pthread_t thread;
    sem_t full, empty;          /* buffers */
    uint32_t ends[LOG_BUFFERS]; /* of the full ones; 0: no more will come */
    bool joined;

    /* The thread's. */
    struct tally one; /* low: an entry of one lane */
    struct tally
        few; /* low: own mark, and how many lanes have each other mark, 8 bits each · high, more: those marks */
    struct met_counts others;
    uint64_t stamp; /* of the range that is being counted (pair_table_add) */
    bool failed;
};

/* The distinct marks of an entry's lanes, and how often each comes up; for what is counted, their order does not matter. */
struct mixture {
    mark marks[MET_LANES_MAX];
    unsigned times[MET_LANES_MAX];
    unsigned count;
};

static void mix(struct mixture *m, const mark *marks, unsigned lanes)
{
    m->count = 0;
    for (unsigned i = 0; i < lanes; i++) {
        unsigned j = 0;
        while (j < m->count && m->marks[j] != marks[i])
            j++;
        if (j == m->count) {
            m->marks[m->count] = marks[i];
            m->times[m->count++] = 0;
        }
        m->times[j]++;
    }
}

/* One entry of several lanes; returns its size. */
static size_t take_lanes(struct log_reader *r, const uint8_t *at)
{
    mark marks[MET_LANES_MAX];
    mark own = (mark)record_u64(at) & ~LOG_LANES;
    unsigned lanes = (unsigned)(record_u64(at) >> 32);
    uint64_t count = record_u64(at + 8);
    memcpy(marks, at + 16, lanes * sizeof *marks);
    struct mixture m;
    mix(&m, marks, lanes);
    if (m.count == 1) {
        r->failed |= !tally_add(&r->one, (struct tally_key){.low = own | (uint64_t)marks[0] << 32}, count);
    } else if (m.count <= MIXTURE_MAX) {
        struct tally_key key = {.low = own};
        for (unsigned i = 0; i < m.count; i++) {
            key.low |= (uint64_t)m.times[i] << (32 + 8 * i);
            *(i < 2 ? &key.high : &key.more) |= (uint64_t)m.marks[i] << (i % 2 * 32);
        }
        r->failed |= !tally_add(&r->few, key, count);
    } else {
        const struct met met = {marks, lanes, site_get(r->table, mark_site(own))->width / lanes};
        r->failed |= !met_account(&r->others, &met, own, count);
    }
    return 16 + lanes * sizeof *marks;
}

/* One fill or copy; returns its entry's size. */
static size_t take_parts(struct log_reader *r, const uint8_t *at)
{
    mark own = record_u32(at) & ~LOG_PARTS;
    uint32_t parts = record_u32(at + 4);
    r->stamp++;
    for (const uint8_t *part = at + 8; part < at + 8 + 8 * (size_t)parts; part += 8)
        r->failed |= !met_part(&r->others, own, record_u32(part), record_u32(part + 4), r->stamp);
    return 8 + 8 * (size_t)parts;
}

static void take_buffer(struct log_reader *r, const uint8_t *at, const uint8_t *end)
{
    while (at < end) {
        uint64_t entry = record_u64(at);
        if (entry & LOG_PARTS) {
            at += take_parts(r, at);
            continue;
        }
        if (entry & LOG_LANES) {
            at += take_lanes(r, at);
            continue;
        }
        if (entry & LOG_COUNT) {
            r->failed |=
                !tally_add(&r->one, (struct tally_key){.low = entry & ~(uint64_t)LOG_COUNT}, record_u64(at + 8));
            at += 16;
            continue;
        }
        r->failed |= !tally_add(&r->one, (struct tally_key){.low = entry}, 1);
        at += 8;
    }
}

static void *reader_main(void *self)
{
    struct log_reader *r = self;
    for (unsigned i = 0;; i = (i + 1) % LOG_BUFFERS) {
        while (sem_wait(&r->full) != 0)
            ;
        if (r->ends[i] == UINT32_MAX)
            return NULL;
        take_buffer(r, r->log + (size_t)i * LOG_BUFFER, r->log + r->ends[i]);
        sem_post(&r->empty);
    }
}

struct log_reader *log_reader_new(const struct site_table *table, const uint8_t *log, struct error *err)
{
    struct log_reader *r = calloc(1, sizeof *r);
    if (!r) {
        error_no_memory(err);
        return NULL;
    }
    r->table = r->others.table = table;
    r->log = log;
    bool ok = tally_init(&r->one) && tally_init(&r->few);
    sem_init(&r->full, 0, 0);
    sem_init(&r->empty, 0, LOG_BUFFERS - 1);
    r->joined = !ok || pthread_create(&r->thread, NULL, reader_main, r) != 0;
    if (r->joined) {
        log_reader_free(r);
        error_no_memory(err);
        return NULL;
    }
    return r;
}

uint32_t log_reader_pass(struct log_reader *r, uint32_t end)
{
    r->ends[r->start / LOG_BUFFER] = end;
    sem_post(&r->full);
    while (sem_wait(&r->empty) != 0)
        ;
    r->start = (r->start + LOG_BUFFER) % (LOG_BUFFERS * LOG_BUFFER);
    return r->start;
}

static void join(struct log_reader *r)
{
    if (r->joined)
        return;
    r->ends[r->start / LOG_BUFFER] = UINT32_MAX;
    sem_post(&r->full);
    pthread_join(r->thread, NULL);
    r->joined = true;
}

static bool add_tallies(struct log_reader *r, struct met_counts *counts)
{
    for (size_t i = 0; i < r->one.capacity; i++) {
        const struct tally_slot *s = &r->one.slots[i];
        if (!s->key.low)
            continue;
        mark own = (mark)s->key.low, marks = (mark)(s->key.low >> 32);
        const struct met met = {&marks, 1, site_get(r->table, mark_site(own))->width};
        if (!met_account(counts, &met, own, s->count))
            return false;
    }
    for (size_t i = 0; i < r->few.capacity; i++) {
        const struct tally_slot *s = &r->few.slots[i];
        if (!s->key.low)
            continue;
        mark own = (mark)s->key.low;
        mark marks[MET_LANES_MAX];
        unsigned lanes = 0;
        for (unsigned n = 0; n < MIXTURE_MAX; n++)
            for (unsigned times = (s->key.low >> (32 + 8 * n)) & 0xff; times; times--)
                marks[lanes++] = (mark)((n < 2 ? s->key.high : s->key.more) >> (n % 2 * 32));
        const struct met met = {marks, lanes, site_get(r->table, mark_site(own))->width / lanes};
        if (!met_account(counts, &met, own, s->count))
            return false;
    }
    return true;
}

bool log_reader_finish(struct log_reader *r, struct met_counts *counts)
{
    join(r);
    return !r->failed && add_tallies(r, counts) && met_merge(counts, &r->others);
}

void log_reader_free(struct log_reader *r)
{
    if (!r)
        return;
    join(r);
    tally_release(&r->one);
    tally_release(&r->few);
    pair_table_release(&r->others.pairs);
    sem_destroy(&r->full);
    sem_destroy(&r->empty);
    free(r);
}
