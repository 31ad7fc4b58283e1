/* A gzipped profile.proto.  A sample's stack is that of the second access, down to its own frame; the first access is a label, so that no
 * function is counted for both sides.  Fields of a protobuf message may come in any order, so each string, function and location is written
 * when it is first met, and nothing is kept but their numbers. */
#include "base/path.h"
#include "render/intern.h"
#include "render/protobuf.h"
#include "render/stacks.h"
#include "render/viewers.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <zlib.h>

enum { CHUNK = 1 << 16, VALUES = 6 };
enum {
    PROFILE_SAMPLE_TYPE = 1,
    PROFILE_SAMPLE = 2,
    PROFILE_MAPPING = 3,
    PROFILE_LOCATION = 4,
    PROFILE_FUNCTION = 5,
    PROFILE_STRING = 6,
    PROFILE_DEFAULT_TYPE = 14
};

struct pprof {
    struct output *out;
    z_stream gzip;
    struct buf profile;             /* the next fields of the profile */
    struct buf message, inner, key; /* being made */
    struct intern strings, functions, locations;
};

static void fail_memory(struct pprof *p)
{
    if (!p->out->number)
        p->out->number = ENOMEM;
}

static void compress_to(struct pprof *p, int flush)
{
    uint8_t chunk[CHUNK];
    if (p->profile.failed) {
        fail_memory(p);
        return;
    }
    p->gzip.next_in = p->profile.data;
    p->gzip.avail_in = (uInt)p->profile.size;
    do {
        p->gzip.next_out = chunk;
        p->gzip.avail_out = sizeof chunk;
        if (deflate(&p->gzip, flush) == Z_STREAM_ERROR) {
            fail_memory(p);
            return;
        }
        output_put(p->out, chunk, sizeof chunk - p->gzip.avail_out);
    } while (!p->gzip.avail_out);
    buf_clear(&p->profile);
}

/* What did not fit in would not be missed afterwards. */
static void restart(struct pprof *p, struct buf *b)
{
    if (b->failed)
        fail_memory(p);
    buf_clear(b);
}

/* Numbers of strings count from 0, the empty one. */
static uint64_t string(struct pprof *p, const char *text)
{
    bool is_new;
    uint32_t number = intern_number(&p->strings, text, strlen(text), &is_new);
    if (!number)
        fail_memory(p);
    if (is_new)
        protobuf_bytes(&p->profile, PROFILE_STRING, text, strlen(text));
    return number ? number - 1 : 0;
}

static uint64_t function(struct pprof *p, const struct report_frame *f)
{
    uint64_t id[2] = {string(p, f->function), string(p, f->file ? f->file : "")};
    bool is_new;
    uint32_t number = intern_number(&p->functions, id, sizeof id, &is_new);
    if (!number)
        fail_memory(p);
    if (is_new) {
        struct buf m;
        buf_init(&m, 256);
        protobuf_number(&m, 1, number);
        protobuf_number(&m, 2, id[0]);
        protobuf_number(&m, 4, id[1]);
        protobuf_bytes(&p->profile, PROFILE_FUNCTION, m.data, m.size);
        restart(p, &m);
        buf_release(&m);
    }
    return number;
}

/* One for each instruction, with a line for each function that is inlined there, innermost first: the first `lines` of them. */
static uint64_t location(struct pprof *p, const struct stack_frame *f, size_t lines)
{
    const uint32_t loc = f->side ? f->side->loc : 0, key[] = {loc, (uint32_t)lines};
    restart(p, &p->key);
    buf_put(&p->key, key, sizeof key);
    buf_put_text(&p->key, loc ? "" : f->name);
    bool is_new;
    uint32_t number = intern_number(&p->locations, p->key.data, p->key.size, &is_new);
    if (!number)
        fail_memory(p);
    if (!is_new)
        return number;
    restart(p, &p->message);
    protobuf_number(&p->message, 1, number);
    protobuf_number(&p->message, 2, loc ? 1 : 0);
    protobuf_number(&p->message, 3, loc);
    for (size_t i = lines; i-- > 0;) {
        struct report_frame line;
        stack_frame_line(f, i, &line);
        restart(p, &p->inner);
        protobuf_number(&p->inner, 1, function(p, &line));
        protobuf_number(&p->inner, 2, line.line);
        protobuf_number(&p->inner, 3, line.column);
        protobuf_bytes(&p->message, 4, p->inner.data, p->inner.size);
    }
    protobuf_bytes(&p->profile, PROFILE_LOCATION, p->message.data, p->message.size);
    return number;
}

/* The first of a kind's two values. */
static unsigned value_index(unsigned kind)
{
    return kind == DEFECT_DEAD_STORE ? 0 : kind == DEFECT_SILENT_STORE ? 2 : 4;
}

static void put_label(struct pprof *p, struct buf *sample, const char *key, const char *text)
{
    restart(p, &p->inner);
    protobuf_number(&p->inner, 1, string(p, key));
    protobuf_number(&p->inner, 2, string(p, text));
    protobuf_bytes(sample, 3, p->inner.data, p->inner.size);
}

/* Labels with the first access, and with what is inlined into the second one's own frame. */
static void put_labels(struct pprof *p, struct buf *sample, const struct stack_sample *s)
{
    const struct stack_frame *first = &s->stack->frames[s->join - 1], *last = &s->stack->frames[s->stack->count - 1];
    struct report_frame line;
    struct buf text;
    buf_init(&text, SIZE_MAX / 2);
    put_label(p, sample, "kind", kind_name(s->pair->kind));
    stack_frame_line(first, stack_frame_own_lines(first) - 1, &line);
    buf_printf(&text, "%s%s", stack_partner_prefix(s->pair->kind), line.function);
    if (line.file && line.line)
        buf_printf(&text, " (%s:%" PRIu32 ")", path_base(line.file), line.line);
    put_label(p, sample, "partner", buf_put_u8(&text, 0) ? (const char *)text.data : "");
    restart(p, &text);
    for (size_t i = stack_frame_own_lines(last); i < stack_frame_lines(last); i++) {
        stack_frame_line(last, i, &line);
        buf_printf(&text, "%s%s", text.size ? " > " : "", line.function);
    }
    if (text.size)
        put_label(p, sample, "inside", buf_put_u8(&text, 0) ? (const char *)text.data : "");
    restart(p, &text);
    buf_release(&text);
}

static void put_sample(void *self, const struct stack_sample *s)
{
    struct pprof *p = self;
    struct buf ids, sample;
    buf_init(&ids, SIZE_MAX);
    buf_init(&sample, SIZE_MAX);
    for (size_t i = s->stack->count; i-- > s->join + 1;) { /* the leaf first */
        const struct stack_frame *f = &s->stack->frames[i];
        bool leaf = i + 1 == s->stack->count;
        protobuf_varint(&ids, location(p, f, leaf ? stack_frame_own_lines(f) : stack_frame_lines(f)));
    }
    protobuf_bytes(&sample, 1, ids.data, ids.size);
    uint64_t values[VALUES] = {0};
    values[value_index(s->pair->kind)] = s->bytes;
    values[value_index(s->pair->kind) + 1] = s->instances;
    restart(p, &ids);
    for (size_t i = 0; i < VALUES; i++)
        protobuf_varint(&ids, values[i]);
    protobuf_bytes(&sample, 2, ids.data, ids.size);
    put_labels(p, &sample, s);
    protobuf_bytes(&p->profile, PROFILE_SAMPLE, sample.data, sample.size);
    if (ids.failed || sample.failed)
        fail_memory(p);
    buf_release(&ids);
    buf_release(&sample);
    if (p->profile.size >= CHUNK)
        compress_to(p, Z_NO_FLUSH);
}

/* What a viewer shows first: dead stores, which are surest; where there are none, the kind with the most bytes. */
static unsigned default_value(const struct report *r)
{
    uint64_t bytes[VALUES] = {0};
    unsigned best = 0;
    for (unsigned kind = 0; kind < DEFECT_KINDS; kind++)
        bytes[value_index(kind)] += r->totals[kind].bytes;
    if (bytes[value_index(DEFECT_DEAD_STORE)])
        return value_index(DEFECT_DEAD_STORE);
    for (unsigned i = 0; i < VALUES; i++)
        if (bytes[i] > bytes[best])
            best = i;
    return best;
}

static void put_head(struct pprof *p, const struct report *r)
{
    static const char *const types[VALUES] = {"dead_store_bytes",   "dead_store_count",  "silent_store_bytes",
                                              "silent_store_count", "silent_load_bytes", "silent_load_count"};
    string(p, "");
    for (size_t i = 0; i < VALUES; i++) {
        restart(p, &p->message);
        protobuf_number(&p->message, 1, string(p, types[i]));
        protobuf_number(&p->message, 2, string(p, i % 2 ? "count" : "bytes"));
        protobuf_bytes(&p->profile, PROFILE_SAMPLE_TYPE, p->message.data, p->message.size);
    }
    protobuf_number(&p->profile, PROFILE_DEFAULT_TYPE, string(p, types[default_value(r)]));
    restart(p, &p->message);
    protobuf_number(&p->message, 1, 1);
    protobuf_number(&p->message, 3, r->input_size);
    protobuf_number(&p->message, 5, string(p, r->input_path));
    for (uint32_t has = 7; has <= 10; has++) /* functions, files, lines, inlined ones: do not look for them */
        protobuf_number(&p->message, has, 1);
    protobuf_bytes(&p->profile, PROFILE_MAPPING, p->message.data, p->message.size);
}

void render_pprof(struct output *out, const struct report *r)
{
    enum { GZIP_WINDOW = 15 + 16, MEMORY = 8 };
    struct pprof p = {.out = out};
    if (deflateInit2(&p.gzip, Z_DEFAULT_COMPRESSION, Z_DEFLATED, GZIP_WINDOW, MEMORY, Z_DEFAULT_STRATEGY) != Z_OK) {
        fail_memory(&p);
        return;
    }
    struct buf *const bufs[] = {&p.profile, &p.message, &p.inner, &p.key};
    for (size_t i = 0; i < sizeof bufs / sizeof *bufs; i++)
        buf_init(bufs[i], SIZE_MAX);
    intern_open(&p.strings);
    intern_open(&p.functions);
    intern_open(&p.locations);
    put_head(&p, r);
    stacks_each(out, r, put_sample, &p);
    for (size_t i = 1; i < sizeof bufs / sizeof *bufs; i++)
        restart(&p, bufs[i]);
    compress_to(&p, Z_FINISH);
    for (size_t i = 0; i < sizeof bufs / sizeof *bufs; i++)
        buf_release(bufs[i]);
    intern_close(&p.strings);
    intern_close(&p.functions);
    intern_close(&p.locations);
    deflateEnd(&p.gzip);
}
