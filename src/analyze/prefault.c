#include "analyze/prefault.h"

#include "analyze/region.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>

/* A chunk is asked for when the one before it is in use up to its end, and at least half of it is; so that at most three times as
 * much is resident as would be anyway. */
enum { CHUNK = 2 << 20, PAGE = 4096, CHUNK_PAGES = CHUNK / PAGE, CHUNKS = 2048 }; /* a memory has less than 4 GiB */
enum { STREAMS = 16, LOOKS = 32, POLL_NANOSECONDS = 1000000, SAMPLES = 16 };

struct plane_state {
    uint8_t *start; /* of the first whole page */
    unsigned scan;  /* the chunk that is looked at next */
    bool given[CHUNKS];
};

/* A chunk that was given, and may now come into use. */
struct stream {
    struct plane_state *plane; /* NULL: none */
    unsigned chunk;
};

struct prefault {
    struct plane_state planes[PLANE_WRITER_BYTES + 1];
    struct stream streams[STREAMS];
    unsigned next_stream;
    bool refused;
    pthread_t thread;
    atomic_bool stop;
};

static uint8_t *chunk_of(const struct plane_state *plane, unsigned chunk)
{
    return plane->start + (size_t)chunk * CHUNK;
}

/* Whether there are marks up to the end of a chunk that is resident. */
static bool is_used(const struct plane_state *plane, unsigned chunk)
{
    enum { LINE = 64 };
    unsigned count = 0;
    for (unsigned i = 1; i <= SAMPLES; i++) {
        uint8_t *line = chunk_of(plane, chunk) + (size_t)i * (CHUNK / SAMPLES) - LINE;
        mark some = 0;
        for (unsigned n = 0; n < LINE; n += sizeof(mark)) /* the program writes it meanwhile: any value will do */
            some |= atomic_load_explicit((const _Atomic mark *)plane_marks(line + n), memory_order_relaxed);
        count += some != 0;
    }
    return count > SAMPLES / 2;
}

/* Whether the program itself had the system give it this chunk, and uses it: it may be one huge page. */
static bool is_taken(const struct plane_state *plane, unsigned chunk)
{
    unsigned char pages[CHUNK_PAGES];
    uint8_t *start = chunk_of(plane, chunk);
    if (mincore(start + CHUNK - PAGE, PAGE, pages) || !(pages[0] & 1) || mincore(start, CHUNK, pages))
        return false;
    unsigned count = 0;
    for (unsigned i = 0; i < CHUNK_PAGES; i++)
        count += pages[i] & 1;
    return count > CHUNK_PAGES / 2 && is_used(plane, chunk);
}

/* Gives a chunk, and follows it in *stream. */
static void give(struct prefault *p, struct plane_state *plane, unsigned chunk, struct stream *stream)
{
    *stream = (struct stream){0};
    if (chunk >= CHUNKS - 1 || plane->given[chunk]) /* the last one is not whole */
        return;
    plane->given[chunk] = true;
    p->refused = !region_populate(chunk_of(plane, chunk), CHUNK);
    *stream = (struct stream){plane, chunk};
}

static void look(struct prefault *p, struct plane_state *plane)
{
    for (unsigned i = 0; i < LOOKS && !p->refused; i++) {
        unsigned chunk = plane->scan;
        plane->scan = (chunk + 1) % (CHUNKS - 1);
        if (!plane->given[chunk] && !plane->given[chunk + 1] && is_taken(plane, chunk))
            give(p, plane, chunk + 1, &p->streams[p->next_stream++ % STREAMS]);
    }
}

static void *thread_main(void *self)
{
    struct prefault *p = self;
    const struct timespec pause = {.tv_nsec = POLL_NANOSECONDS};
    while (!p->refused) {
        nanosleep(&pause, NULL); /* small programs have ended by then */
        if (atomic_load(&p->stop))
            break;
        for (struct stream *s = p->streams; s < p->streams + STREAMS && !p->refused; s++)
            if (s->plane && is_used(s->plane, s->chunk))
                give(p, s->plane, s->chunk + 1, s);
        for (unsigned i = 0; i <= PLANE_WRITER_BYTES; i++)
            look(p, &p->planes[i]);
    }
    return NULL;
}

struct prefault *prefault_new(const struct planes *planes)
{
    struct prefault *p = calloc(1, sizeof *p);
    if (!p)
        return NULL;
    for (unsigned i = 0; i <= PLANE_WRITER_BYTES; i++) {
        uintptr_t at = (uintptr_t)planes->plane[i];
        p->planes[i].start = planes->plane[i] + (-at & (PAGE - 1));
    }
    if (pthread_create(&p->thread, NULL, thread_main, p) == 0)
        return p;
    free(p);
    return NULL;
}

void prefault_free(struct prefault *p)
{
    if (!p)
        return;
    atomic_store(&p->stop, true);
    pthread_join(p->thread, NULL);
    free(p);
}
