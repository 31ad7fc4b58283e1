#include "trace/columns.h"

#include <stdlib.h>

/* A record's code.  The lowest three bits say how its address is found. */
enum {
    ADDRESS_STRIDE, /* as far from the site's last as that was from the one before */
    ADDRESS_STEP,   /* as far from the access before as it was the last time */
    ADDRESS_AGAIN,  /* what followed the site's last address the last time that it was there */
    ADDRESS_LAST,   /* a difference to the site's last follows */
    ADDRESS_BEFORE, /* a difference to the access before follows */
    ADDRESS_MODES,
};
enum {
    CODE_ADDRESS = 7,
    CODE_FLAG = 1 << 3,
    CODE_VALUES = 1 << 4, /* it has values; of object.h's records: it is an allocation */
    CODE_SITE = 1 << 5,   /* another site than was expected */
    CODE_BITS = 1 << 6,
};

/* A value's. */
enum {
    VALUE_LAST,   /* the site's last */
    VALUE_STRIDE, /* as far from it as that was from the one before */
    VALUE_THERE,  /* what was last stored or loaded at that address */
    VALUE_NEAR,   /* a difference to the site's last follows */
    VALUE_BYTES,  /* its bytes follow */
    VALUE_MODES,
};

enum { NEXT_LOG2 = 16, AGAIN_LOG2 = 16, THERE_LOG2 = 16, VALUE_SLOTS = 3, NEAR_BYTES = 3 };

struct value_guess {
    union access_value last;
    uint64_t stride;
};

struct site_guess {
    uint64_t last, stride, step;
    uint32_t block; /* that the rest is of */
};

struct guesses {
    const struct site_table *table;
    struct site_guess *sites;                  /* by id */
    struct value_guess (*values)[VALUE_SLOTS]; /* by id, of the same block; made with the first value */
    uint32_t block;
    site_id one_ago, two_ago;
    uint64_t before; /* the address of the access before */
    site_id next[1 << NEXT_LOG2];
    uint64_t again[1 << AGAIN_LOG2];
    uint64_t there[1 << THERE_LOG2];
};

/* Multiplicative hashing, as trace/habit.h. */
static unsigned hash(uint64_t key, unsigned log2)
{
    return (unsigned)(key * UINT64_C(0x9e3779b97f4a7c15) >> (64 - log2));
}

struct guesses *guesses_new(const struct site_table *table)
{
    struct guesses *g = calloc(1, sizeof *g);
    if (!g)
        return NULL;
    g->table = table;
    g->sites = calloc(table->count + SITE_FIRST, sizeof *g->sites);
    if (!g->sites) {
        free(g);
        return NULL;
    }
    guesses_reset(g);
    return g;
}

void guesses_free(struct guesses *g)
{
    if (!g)
        return;
    free(g->sites);
    free(g->values);
    free(g);
}

void guesses_reset(struct guesses *g)
{
    g->block++;
    g->one_ago = g->two_ago = 0;
    g->before = 0;
    memset(g->next, 0, sizeof g->next);
    memset(g->again, 0, sizeof g->again);
    memset(g->there, 0, sizeof g->there);
}

void columns_init(struct columns *c)
{
    for (unsigned i = 0; i < COLUMN_COUNT; i++)
        buf_init(&c->column[i], COLUMNS_MAX);
    c->records = 0;
}

void columns_release(struct columns *c)
{
    for (unsigned i = 0; i < COLUMN_COUNT; i++)
        buf_release(&c->column[i]);
}

void columns_clear(struct columns *c)
{
    for (unsigned i = 0; i < COLUMN_COUNT; i++)
        buf_clear(&c->column[i]);
    c->records = 0;
}

static void put_leb(struct buf *b, uint64_t value)
{
    uint8_t bytes[10];
    size_t n = 0;
    for (; value >= 0x80; value >>= 7)
        bytes[n++] = (uint8_t)(value | 0x80);
    bytes[n++] = (uint8_t)value;
    buf_put(b, bytes, n);
}

static bool get_bytes(struct column_reader *r, enum column column, void *to, size_t size)
{
    if ((size_t)(r->end[column] - r->at[column]) < size)
        return false;
    memcpy(to, r->at[column], size);
    r->at[column] += size;
    return true;
}

static bool get_leb(struct column_reader *r, enum column column, uint64_t *value)
{
    *value = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
        uint8_t byte;
        if (!get_bytes(r, column, &byte, 1))
            return false;
        *value |= (uint64_t)(byte & 0x7f) << shift;
        if (!(byte & 0x80))
            return true;
    }
    return false;
}

static bool get_leb_u32(struct column_reader *r, enum column column, uint32_t *value)
{
    uint64_t wide;
    bool ok = get_leb(r, column, &wide) && wide <= UINT32_MAX;
    *value = (uint32_t)wide;
    return ok;
}

/* Small numbers of either sign become small numbers. */
static uint64_t zigzag(uint64_t difference)
{
    return difference << 1 ^ (uint64_t)-(int64_t)(difference >> 63);
}

static uint64_t unzigzag(uint64_t coded)
{
    return coded >> 1 ^ (uint64_t)-(int64_t)(coded & 1);
}

/* What a record is made of: an address, numbers of 32 and 64 bits, values. */
struct parts {
    site_id id;
    const struct site *site; /* NULL: none of the table's */
    uint8_t kind;            /* enum access_kind */
    bool follows_memory;     /* its address is one of the program's memory */
    uint64_t address;
    uint64_t fields[3];
    unsigned field_count, wide; /* of these; a bit for each that has 64 bits */
    unsigned value_count;
    unsigned value_size[VALUE_SLOTS];
};

/* Of records that name no instruction. */
static void parts_of_note(site_id id, bool allocation, struct parts *p)
{
    p->follows_memory = access_is_numbered(p->kind);
    switch (id) {
    case SITE_HOST_READ:
    case SITE_HOST_WRITE:
        p->field_count = 2;
        p->wide = 2;
        break;
    case SITE_CONTEXT:
        break;
    case SITE_CONTEXT_NEW:
        p->field_count = 2;
        break;
    case SITE_OBJECT:
        p->field_count = allocation ? 3 : 1;
        p->wide = 6;
        break;
    default:
        p->field_count = 1;
    }
}

/* All of *p but for what is the record's own.  False for an id that no record has. */
static bool parts_of(const struct guesses *g, site_id id, bool allocation, struct parts *p)
{
    p->id = id;
    p->site = NULL;
    p->follows_memory = true;
    p->field_count = p->wide = p->value_count = 0;
    if (id < SITE_FIRST) {
        p->kind = record_own_kind(id);
        if (p->kind == ACCESS_CALL)
            return false;
        parts_of_note(id, allocation, p);
        return true;
    }
    if (id - SITE_FIRST >= g->table->count)
        return false;
    p->site = &g->table->sites[id - SITE_FIRST];
    p->kind = p->site->kind;
    static const uint8_t values[] = {
        [ACCESS_LOAD] = 1, [ACCESS_STORE] = 1, [ACCESS_RMW] = 2, [ACCESS_CMPXCHG] = 3, [ACCESS_WAIT] = 2};
    switch (p->kind) {
    case ACCESS_CALL:
        return false;
    case ACCESS_FILL:
    case ACCESS_INIT:
    case ACCESS_COPY:
        p->field_count = 2;
        p->wide = p->kind == ACCESS_COPY ? 3 : 2;
        return true;
    default:
        p->value_count = values[p->kind];
    }
    static const uint8_t sizes[] = {
        [VALUE_I32] = 4, [VALUE_F32] = 4, [VALUE_I64] = 8, [VALUE_F64] = 8, [VALUE_V128] = 16};
    for (unsigned i = 0; i < p->value_count; i++)
        p->value_size[i] = p->kind == ACCESS_WAIT && i == 1 ? 4 : sizes[p->site->value];
    return true;
}

static struct site_guess *guess_of(struct guesses *g, site_id id)
{
    struct site_guess *s = &g->sites[id];
    if (s->block != g->block) {
        *s = (struct site_guess){.block = g->block};
        if (g->values)
            memset(g->values[id], 0, sizeof g->values[id]);
    }
    return s;
}

static site_id *next_of(struct guesses *g)
{
    return &g->next[hash((uint64_t)g->two_ago << 32 | g->one_ago, NEXT_LOG2)];
}

static void learn_site(struct guesses *g, site_id id)
{
    *next_of(g) = id;
    g->two_ago = g->one_ago;
    g->one_ago = id;
}

static uint64_t *again_of(struct guesses *g, site_id id, const struct site_guess *s)
{
    return &g->again[hash(s->last * 31 + id, AGAIN_LOG2)];
}

static void learn_address(struct guesses *g, const struct parts *p, struct site_guess *s)
{
    *again_of(g, p->id, s) = p->address;
    s->stride = p->address - s->last;
    s->last = p->address;
    if (!p->follows_memory)
        return;
    s->step = p->address - g->before;
    g->before = p->address;
}

static void learn_value(struct value_guess *v, uint64_t *there, const union access_value *value, unsigned size)
{
    v->stride = value->u64 - v->last.u64;
    v->last = *value;
    if (size < 16)
        *there = value->u64;
}

static bool values_room(struct guesses *g)
{
    if (!g->values)
        g->values = calloc(g->table->count + SITE_FIRST, sizeof *g->values);
    return g->values;
}

static uint64_t *there_of(struct guesses *g, const struct parts *p)
{
    return &g->there[hash(p->address + p->site->static_offset + ((uint64_t)p->site->memory << 48), THERE_LOG2)];
}

/* Numbers are compared in as many bits as they have. */
static uint64_t cut(uint64_t value, unsigned size)
{
    return size == 4 ? (uint32_t)value : value;
}

static void put_value(struct columns *c, struct value_guess *v, uint64_t *there, const union access_value *value,
                      unsigned size)
{
    unsigned code = VALUE_BYTES;
    uint64_t near = zigzag(size == 4 ? (uint64_t)(int32_t)(value->u32 - v->last.u32) : value->u64 - v->last.u64);
    if (memcmp(value->bytes, v->last.bytes, sizeof value->bytes) == 0)
        code = VALUE_LAST;
    else if (size == 16)
        code = VALUE_BYTES;
    else if (value->u64 == cut(v->last.u64 + v->stride, size))
        code = VALUE_STRIDE;
    else if (value->u64 == cut(*there, size))
        code = VALUE_THERE;
    else if (near < UINT64_C(1) << (7 * NEAR_BYTES))
        code = VALUE_NEAR;
    buf_put_u8(&c->column[COLUMN_VALUE_CODES], (uint8_t)code);
    if (code == VALUE_NEAR)
        put_leb(&c->column[COLUMN_VALUES], near);
    else if (code == VALUE_BYTES)
        buf_put(&c->column[COLUMN_VALUES], value->bytes, size);
    learn_value(v, there, value, size);
}

static bool get_value(struct column_reader *r, struct value_guess *v, uint64_t *there, union access_value *value,
                      unsigned size)
{
    uint8_t code;
    uint64_t near;
    *value = (union access_value){0};
    if (!get_bytes(r, COLUMN_VALUE_CODES, &code, 1) || code >= VALUE_MODES)
        return false;
    if (code == VALUE_LAST) {
        *value = v->last;
    } else if (code == VALUE_BYTES) {
        if (!get_bytes(r, COLUMN_VALUES, value->bytes, size))
            return false;
    } else if (size == 16) {
        return false;
    } else if (code == VALUE_NEAR) {
        if (!get_leb(r, COLUMN_VALUES, &near))
            return false;
        value->u64 = cut(v->last.u64 + unzigzag(near), size);
    } else {
        value->u64 = cut(code == VALUE_STRIDE ? v->last.u64 + v->stride : *there, size);
    }
    learn_value(v, there, value, size);
    return true;
}

static unsigned address_mode(struct guesses *g, const struct parts *p, const struct site_guess *s, uint64_t *difference)
{
    if (p->address == s->last + s->stride)
        return ADDRESS_STRIDE;
    if (p->follows_memory && p->address == g->before + s->step)
        return ADDRESS_STEP;
    if (p->address == *again_of(g, p->id, s))
        return ADDRESS_AGAIN;
    uint64_t last = zigzag(p->address - s->last), before = zigzag(p->address - g->before);
    bool nearer = p->follows_memory && before < last;
    *difference = nearer ? before : last;
    return nearer ? ADDRESS_BEFORE : ADDRESS_LAST;
}

static void split_note(const uint8_t *p, struct parts *parts)
{
    parts->fields[0] = record_u32(p + 4);
    switch (parts->id) {
    case SITE_CONTEXT:
    case SITE_CONTEXT_NEW:
        parts->address = record_u32(p + 4);
        for (unsigned i = 0; i < parts->field_count; i++)
            parts->fields[i] = record_u32(p + 8 + 4 * i);
        break;
    case SITE_OPAQUE_ENTER:
    case SITE_OPAQUE_LEAVE:
        parts->address = record_u32(p + 8);
        break;
    default:
        parts->address = record_u64(p + 8);
        for (unsigned i = 1; i < parts->field_count; i++)
            parts->fields[i] = record_u64(p + 8 + 8 * i);
    }
}

/* The parts that are the record's own; where its values begin. */
static const uint8_t *split(const uint8_t *p, struct parts *parts)
{
    if (!parts->site) {
        split_note(p, parts);
        return p;
    }
    if (parts->field_count) {
        parts->address = record_u64(p + 8);
        parts->fields[0] = parts->kind == ACCESS_COPY ? record_u64(p + 16) : record_u32(p + 4);
        parts->fields[1] = record_u64(parts->kind == ACCESS_COPY ? p + 24 : p + 16);
        return p;
    }
    parts->address = parts->site->address_64 ? record_u64(p + 8) : record_u32(p + 4);
    return p + (parts->site->address_64 ? 16 : 8);
}

bool columns_put(struct columns *c, struct guesses *g, const uint8_t *record)
{
    uint32_t head = record_u32(record);
    struct parts p;
    bool allocation = record_size(head) == 4 * RECORD_UNIT;
    if (!parts_of(g, record_site(head), allocation, &p))
        return false;
    const uint8_t *value = split(record, &p);
    bool values = p.value_count ? record_size(head) > (size_t)(value - record) : p.id == SITE_OBJECT && allocation;
    if (values && p.value_count && !values_room(g))
        return false;
    struct site_guess *s = guess_of(g, p.id);
    uint64_t difference = 0;
    unsigned mode = address_mode(g, &p, s, &difference);
    bool other = *next_of(g) != p.id;
    buf_put_u8(&c->column[COLUMN_CODES], (uint8_t)(mode | (head & RECORD_FLAG ? CODE_FLAG : 0) |
                                                   (values ? CODE_VALUES : 0) | (other ? CODE_SITE : 0)));
    if (other)
        put_leb(&c->column[COLUMN_SITES], zigzag((uint64_t)p.id - g->one_ago));
    if (mode >= ADDRESS_LAST)
        put_leb(&c->column[COLUMN_ADDRESSES], difference);
    for (unsigned i = 0; i < p.field_count; i++)
        put_leb(&c->column[COLUMN_FIELDS], p.fields[i]);
    learn_site(g, p.id);
    learn_address(g, &p, s);
    for (unsigned i = 0; values && i < p.value_count; i++) {
        union access_value v = {0};
        memcpy(v.bytes, value, p.value_size[i]);
        put_value(c, &g->values[p.id][i], there_of(g, &p), &v, p.value_size[i]);
        value += p.site->value == VALUE_V128 ? 16 : 8;
    }
    c->records++;
    bool failed = false;
    for (unsigned i = 0; i < COLUMN_COUNT; i++)
        failed |= c->column[i].failed;
    return !failed;
}

static bool get_address(struct column_reader *r, struct guesses *g, unsigned mode, const struct site_guess *s,
                        struct parts *p)
{
    uint64_t difference;
    if (!p->follows_memory && (mode == ADDRESS_STEP || mode == ADDRESS_BEFORE))
        return false;
    switch (mode) {
    case ADDRESS_STRIDE:
        p->address = s->last + s->stride;
        break;
    case ADDRESS_STEP:
        p->address = g->before + s->step;
        break;
    case ADDRESS_AGAIN:
        p->address = *again_of(g, p->id, s);
        break;
    default:
        if (mode >= ADDRESS_MODES || !get_leb(r, COLUMN_ADDRESSES, &difference))
            return false;
        p->address = (mode == ADDRESS_LAST ? s->last : g->before) + unzigzag(difference);
    }
    bool wide = p->site ? p->field_count || p->site->address_64 : p->follows_memory || p->id == SITE_OBJECT;
    return wide || p->address <= UINT32_MAX;
}

/* Fields of 32 bits are none that have more; the call site of a host's record is one. */
static bool get_fields(struct column_reader *r, const struct guesses *g, struct parts *p)
{
    for (unsigned i = 0; i < p->field_count; i++) {
        uint32_t narrow;
        if (p->wide >> i & 1) {
            if (!get_leb(r, COLUMN_FIELDS, &p->fields[i]))
                return false;
            continue;
        }
        if (!get_leb_u32(r, COLUMN_FIELDS, &narrow))
            return false;
        p->fields[i] = narrow;
    }
    if (p->site || !p->field_count || (p->id == SITE_OBJECT && p->field_count == 1))
        return true;
    uint64_t call = p->fields[0];
    return call == SITE_NONE || (call >= SITE_FIRST && call - SITE_FIRST < g->table->count);
}

static uint8_t *put_u32(uint8_t *to, uint64_t value)
{
    uint32_t v = (uint32_t)value;
    memcpy(to, &v, sizeof v);
    return to + sizeof v;
}

static uint8_t *put_u64(uint8_t *to, uint64_t value)
{
    memcpy(to, &value, sizeof value);
    return to + sizeof value;
}

static uint8_t *join_note(const struct parts *p, uint8_t *to)
{
    switch (p->id) {
    case SITE_CONTEXT:
    case SITE_CONTEXT_NEW:
        to = put_u32(to, p->address);
        for (unsigned i = 0; i < p->field_count; i++)
            to = put_u32(to, p->fields[i]);
        return to;
    case SITE_OPAQUE_ENTER:
    case SITE_OPAQUE_LEAVE:
        to = put_u32(to, p->fields[0]);
        to = put_u32(to, p->address);
        return put_u32(to, 0);
    default:
        to = put_u32(to, p->fields[0]);
        to = put_u64(to, p->address);
        for (unsigned i = 1; i < p->field_count; i++)
            to = put_u64(to, p->fields[i]);
        return to;
    }
}

/* Puts everything behind the head in its place, but for values; returns where these go. */
static uint8_t *join(const struct parts *p, uint8_t *to)
{
    if (!p->site)
        return join_note(p, to);
    if (p->field_count) {
        bool copy = p->kind == ACCESS_COPY;
        to = put_u32(to, copy ? 0 : p->fields[0]);
        to = put_u64(to, p->address);
        if (copy)
            to = put_u64(to, p->fields[0]);
        return put_u64(to, p->fields[1]);
    }
    if (!p->site->address_64)
        return put_u32(to, p->address);
    to = put_u32(to, 0);
    return put_u64(to, p->address);
}

static bool get_values(struct column_reader *r, struct guesses *g, const struct parts *p, uint8_t **to)
{
    if (!p->value_count || !values_room(g))
        return false;
    for (unsigned i = 0; i < p->value_count; i++) {
        union access_value v;
        if (!get_value(r, &g->values[p->id][i], there_of(g, p), &v, p->value_size[i]))
            return false;
        unsigned slot = p->site->value == VALUE_V128 ? 16 : 8;
        memcpy(*to, v.bytes, slot);
        *to += slot;
    }
    return true;
}

bool columns_get(struct column_reader *r, struct guesses *g, uint8_t record[RECORD_UNIT * RECORD_MAX_UNITS],
                 size_t *size)
{
    uint8_t code;
    if (!get_bytes(r, COLUMN_CODES, &code, 1) || code >= CODE_BITS)
        return false;
    uint64_t id = *next_of(g), step;
    if (code & CODE_SITE) {
        if (!get_leb(r, COLUMN_SITES, &step))
            return false;
        id = g->one_ago + unzigzag(step);
    }
    struct parts p;
    if (id >= SITE_LIMIT || !parts_of(g, (site_id)id, code & CODE_VALUES, &p))
        return false;
    struct site_guess *s = guess_of(g, p.id);
    if (!get_address(r, g, code & CODE_ADDRESS, s, &p) || !get_fields(r, g, &p))
        return false;
    learn_site(g, p.id);
    learn_address(g, &p, s);
    uint8_t *end = join(&p, record + 4);
    if (code & CODE_VALUES && p.id != SITE_OBJECT && !get_values(r, g, &p, &end))
        return false;
    *size = (size_t)(end - record);
    put_u32(record, record_head(p.id, (unsigned)(*size / RECORD_UNIT), code & CODE_FLAG ? 1 : 0));
    return true;
}
