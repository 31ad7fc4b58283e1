/* The page for browsers: what scripts/bundle_page.py made of src/render/html/, with the report's data in its middle.
 *
 * The data has tables of strings, frames, stacks and sides, each entry once, and pairs as rows of numbers.  Pairs are
 * written first, since that is what fills the tables.  A table's entries are ready JSON. */
#include "render/html_page.h"
#include "render/intern.h"
#include "render/render.h"
#include "report/effect.h"
#include "trace/object.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { TABLES = 4, NONE = -1 };

struct page {
    struct output *out;
    const struct report *r;
    struct intern strings, frames, stacks, sides;
    struct buf scratch;
    bool failed; /* memory is short */
};

static long keep(struct page *p, struct intern *table)
{
    uint32_t number = p->scratch.failed ? UINT32_MAX : intern_put(table, p->scratch.data, p->scratch.size);
    p->failed = p->failed || number == UINT32_MAX;
    return (long)number;
}

/* Strings are UTF-8 without control characters.  `<` is escaped, so that none can end the script that has the data. */
static void put_string(struct buf *b, const char *text)
{
    buf_put_u8(b, '"');
    for (; *text; text++) {
        unsigned char byte = (unsigned char)*text;
        if (byte == '"' || byte == '\\')
            buf_printf(b, "\\%c", byte);
        else if (byte < 0x20 || byte == '<' || byte == '>' || byte == '&')
            buf_printf(b, "\\u%04X", byte);
        else
            buf_put_u8(b, byte);
    }
    buf_put_u8(b, '"');
}

static void output_string(struct page *p, const char *text)
{
    buf_clear(&p->scratch);
    if (text)
        put_string(&p->scratch, text);
    else
        buf_put_text(&p->scratch, "null");
    p->failed = p->failed || p->scratch.failed;
    output_put(p->out, p->scratch.data, p->scratch.size);
}

static long string_of(struct page *p, const char *text)
{
    if (!text || !*text)
        return NONE;
    buf_clear(&p->scratch);
    put_string(&p->scratch, text);
    return keep(p, &p->strings);
}

static long frame_of(struct page *p, const struct report_frame *f)
{
    long function = string_of(p, f->function), file = string_of(p, f->file), text = string_of(p, f->text);
    long home = string_of(p, f->home);
    buf_clear(&p->scratch);
    buf_printf(&p->scratch, "[%ld,%ld,%" PRIu32 ",%" PRIu32 ",%ld,%ld]", function, file, f->line, f->column, text,
               home);
    return keep(p, &p->frames);
}

static long stack_of(struct page *p, const struct report_side *side)
{
    if (!side->frame_count)
        return NONE;
    long frames[REPORT_FRAMES_MAX];
    for (uint32_t i = 0; i < side->frame_count; i++)
        frames[i] = frame_of(p, &side->frames[i]);
    buf_clear(&p->scratch);
    for (uint32_t i = 0; i < side->frame_count; i++)
        buf_printf(&p->scratch, i ? ",%ld" : "[%ld", frames[i]);
    buf_put_u8(&p->scratch, ']');
    return keep(p, &p->stacks);
}

static long side_of(struct page *p, const struct report_side *side)
{
    long stack = stack_of(p, side), name = string_of(p, side->name), op = string_of(p, side->op);
    long why = string_of(p, side->no_line), base = string_of(p, side->base);
    buf_clear(&p->scratch);
    buf_printf(&p->scratch, "[%d,%" PRIu32 ",%ld,%ld,%ld,%ld,%ld,%" PRIu32 "]", side->origin, side->loc, name, op,
               stack, why, base, report_own_index(side));
    return keep(p, &p->sides);
}

static void put_pairs(struct page *p)
{
    output_text(p->out, "\"pairs\":[");
    for (size_t i = 0; i < p->r->pair_count && !output_failed(p->out); i++) {
        const struct report_pair *pair = &p->r->pairs[i];
        long first = side_of(p, &pair->first), second = side_of(p, &pair->second);
        output_printf(p->out, "%s%d,%ld,%ld,%" PRIu64 ",%" PRIu64, i ? ",\n" : "\n", pair->kind, first, second,
                      pair->instances, pair->bytes);
    }
    output_text(p->out, "],\n\"pairContexts\":[");
    const char *comma = "";
    for (size_t i = 0; i < p->r->pair_count; i++)
        for (size_t k = 0; k < p->r->pairs[i].context_count; k++, comma = ",") {
            const struct report_pair_context *c = &p->r->pairs[i].contexts[k];
            output_printf(p->out, "%s%zu,%" PRIu32 ",%" PRIu32 ",%" PRIu64 ",%" PRIu64, comma, i, c->first, c->second,
                          c->instances, c->bytes);
        }
    output_text(p->out, "],\n\"pairObjects\":[");
    comma = "";
    for (size_t i = 0; i < p->r->pair_count; i++)
        for (size_t k = 0; k < p->r->pairs[i].object_count; k++, comma = ",") {
            const struct report_pair_object *o = &p->r->pairs[i].objects[k];
            output_printf(p->out, "%s%zu,%" PRIu32 ",%" PRIu64 ",%" PRIu64, comma, i, o->object, o->instances,
                          o->bytes);
        }
    output_text(p->out, "],\n");
}

/* Three numbers a pair: class, advice, and what it stores each time. */
static void put_classes(struct page *p)
{
    output_text(p->out, "\"pairClasses\":[");
    for (size_t i = 0; p->r->classed && i < p->r->pair_count; i++) {
        const struct report_pair *pair = &p->r->pairs[i];
        long name = pair->what ? string_of(p, report_class_name((enum pair_class)pair->what)) : NONE;
        long advice = string_of(p, pair->advice), constant = string_of(p, pair->constant);
        output_printf(p->out, "%s%ld,%ld,%ld", i ? "," : "", name, advice, constant);
    }
    output_text(p->out, "],\n");
}

/* From which shares on an effect is medium and high; two numbers a pair: its share, and its grade. */
static void put_effects(struct page *p)
{
    output_printf(p->out, "\"effectGrades\":[%g,%g],\"pairEffects\":[", EFFECT_MEDIUM_FROM, EFFECT_HIGH_FROM);
    for (size_t i = 0; i < p->r->pair_count; i++) {
        double effect = effect_of_pair(&p->r->pairs[i]);
        output_printf(p->out, "%s%.6f,%d", i ? "," : "", effect_share(p->r, effect), effect_grade(p->r, effect));
    }
    output_text(p->out, "],\n");
}

/* Of each pair whose distance is known: the pair, whether it is exact, bytes by bucket and by span, places. */
static void put_distances(struct page *p)
{
    output_text(p->out, "\"pairDistances\":[");
    const char *separator = "";
    for (size_t i = 0; i < p->r->pair_count; i++) {
        const struct report_distance *d = &p->r->pairs[i].distance;
        if (!d->known)
            continue;
        output_printf(p->out, "%s%zu,%d", separator, i, d->exact);
        for (unsigned k = 0; k < DISTANCE_BUCKETS; k++)
            output_printf(p->out, ",%" PRIu64, d->sums.buckets[k]);
        for (unsigned k = 0; k < DISTANCE_SPANS; k++)
            output_printf(p->out, ",%" PRIu64, d->sums.spans[k]);
        output_printf(p->out, ",%" PRIu64, d->sums.places);
        separator = ",";
    }
    output_text(p->out, "],\n");
}

static void put_contexts(struct page *p)
{
    output_printf(p->out, "\"byContext\":%s,\"contexts\":[", p->r->by_context ? "true" : "false");
    for (size_t i = 0; i < p->r->context_count; i++) {
        const struct report_context *c = &p->r->contexts[i];
        long name = string_of(p, c->function), call = c->call.loc ? side_of(p, &c->call) : NONE;
        output_printf(p->out, "%s%" PRIu32 ",%" PRIu32 ",%ld,%ld", i ? "," : "", c->id, c->parent, name, call);
    }
    output_text(p->out, "],\n");
}

static void put_unread(struct page *p)
{
    output_text(p->out, "\"unread\":[");
    for (size_t i = 0; i < p->r->unread_place_count; i++) {
        const struct report_place *place = &p->r->unread_places[i];
        output_printf(p->out, "%s%ld,%" PRIu64, i ? "," : "", side_of(p, &place->side), place->bytes);
    }
    output_text(p->out, "],\n");
}

static void put_objects(struct page *p)
{
    static const char *const kinds[OBJECT_KINDS] = {
        [OBJECT_VARIABLE] = "variable",  [OBJECT_SEGMENT] = "data segment",
        [OBJECT_STATIC] = "static data", [OBJECT_STACK] = "stack frames",
        [OBJECT_HEAP] = "heap blocks",   [OBJECT_UNALLOCATED] = "heap outside of blocks",
        [OBJECT_OTHER] = "other memory",
    };
    output_printf(p->out, "\"byObject\":%s,\"objects\":[", p->r->by_object ? "true" : "false");
    for (size_t i = 0; i < p->r->object_count; i++) {
        const struct report_object *o = &p->r->objects[i];
        long kind = string_of(p, kinds[o->kind]), name = string_of(p, o->name);
        long call = o->call.loc ? side_of(p, &o->call) : NONE;
        output_printf(p->out, "%s\n[%" PRIu32 ",%ld,%ld,%ld,%" PRIu32 ",%" PRIu64 ",%" PRIu64, i ? "," : "", o->id,
                      kind, name, call, o->context, o->size, o->blocks);
        for (int k = 0; k < DEFECT_KINDS; k++)
            output_printf(p->out, ",%" PRIu64, o->totals[k].bytes);
        output_printf(p->out, ",%" PRIu64 ",%" PRIu64 ",%" PRIu64 ",%" PRIu64 "]", o->use.loads, o->use.stores,
                      o->use.never_read, o->use.lifetime);
    }
    output_text(p->out, "],\n");
}

static void put_sources(struct page *p)
{
    output_text(p->out, "\"sources\":[");
    for (size_t i = 0; i < p->r->source_count; i++) {
        const struct report_source *s = &p->r->sources[i];
        output_printf(p->out, "%s%ld,%" PRIu32 ",", i ? ",\n" : "\n", string_of(p, s->file), s->line);
        output_string(p, s->text);
    }
    output_text(p->out, "],\n");
}

/* Where the program trapped: address and size of memory, where they are known, and sides, the innermost first. */
static void put_trap(struct page *p)
{
    const struct report_trap *t = &p->r->trap_at;
    output_text(p->out, "\"trapAt\":");
    if (t->has_address)
        output_printf(p->out, "[\"0x%" PRIX64 "\",\"0x%" PRIX64 "\"]", t->address, t->memory_size);
    else
        output_text(p->out, "null");
    output_text(p->out, ",\"trapCalls\":[");
    for (size_t i = 0; i < t->depth; i++)
        output_printf(p->out, "%s%ld", i ? "," : "", side_of(p, &t->stack[i]));
    output_text(p->out, "],\n");
}

/* What a row's shares name a pair by. */
struct pair_name {
    struct report_map_share name;
    size_t pair;
};

static int compare_names(const void *left, const void *right)
{
    const struct report_map_share *a = &((const struct pair_name *)left)->name;
    const struct report_map_share *b = &((const struct pair_name *)right)->name;
    if (a->kind != b->kind || a->origin != b->origin)
        return (a->kind << 8 | a->origin) - (b->kind << 8 | b->origin);
    return a->first != b->first ? (a->first > b->first) - (a->first < b->first)
                                : (a->second > b->second) - (a->second < b->second);
}

/* Four numbers each: row, pair, object (0: none), bytes.  Pairs that are not listed are left out. */
static void put_map_shares(struct page *p)
{
    const struct report *r = p->r;
    struct pair_name *names = calloc(r->pair_count + 1, sizeof *names);
    p->failed = p->failed || !names;
    for (size_t i = 0; names && i < r->pair_count; i++) {
        const struct report_pair *pair = &r->pairs[i];
        names[i].name.kind = pair->kind;
        names[i].name.origin = pair->first.origin;
        names[i].name.first = pair->first.loc;
        names[i].name.second = pair->second.loc;
        names[i].pair = i;
    }
    if (names)
        qsort(names, r->pair_count, sizeof *names, compare_names);
    output_text(p->out, "\"mapShares\":[");
    const char *separator = "";
    for (size_t i = 0; names && i < r->map_share_count; i++) {
        const struct report_map_share *s = &r->map_shares[i];
        struct pair_name wanted = {.name = *s};
        const struct pair_name *found = bsearch(&wanted, names, r->pair_count, sizeof *names, compare_names);
        if (!found)
            continue;
        output_printf(p->out, "%s%" PRIu32 ",%zu,%" PRIu32 ",%" PRIu64, separator, s->row, found->pair, s->object,
                      s->bytes);
        separator = ",";
    }
    output_text(p->out, "],\n");
    free(names);
}

/* Cells that were touched: row, column and counts of each; null where addresses were not followed. */
static void put_map(struct page *p)
{
    const struct memory_map *m = &p->r->map;
    output_text(p->out, "\"map\":");
    if (!m->cells) {
        output_text(p->out, "null,\n\"mapShares\":[],\n");
        return;
    }
    output_printf(p->out,
                  "{\"rowBytes\":%" PRIu64 ",\"columnRecords\":%" PRIu64 ",\"rows\":%" PRIu32 ",\"columns\":%" PRIu32
                  ",\"cells\":[",
                  m->row_bytes, m->column_records, m->rows, m->columns);
    const char *separator = "\n";
    for (uint32_t c = 0; c < m->columns; c++)
        for (uint32_t r = 0; r < m->rows; r++) {
            const uint64_t *cell = m->cells[(size_t)c * m->rows + r];
            if (!cell[MAP_TOUCHED])
                continue;
            output_printf(p->out, "%s%" PRIu32 ",%" PRIu32, separator, r, c);
            for (unsigned i = 0; i < MAP_COUNTS; i++) {
                output_text(p->out, ",");
                output_decimal(p->out, cell[i]);
            }
            separator = ",\n";
        }
    output_text(p->out, "]},\n");
    put_map_shares(p);
}

static void put_table(struct page *p, const char *name, const struct intern *table, const char *end)
{
    output_printf(p->out, "\"%s\":[", name);
    for (size_t i = 0; i < table->count; i++) {
        size_t size;
        const uint8_t *entry = intern_get(table, i, &size);
        output_text(p->out, i ? ",\n" : "\n");
        output_put(p->out, entry, size);
    }
    output_printf(p->out, "]%s\n", end);
}

static void put_count(struct page *p, const char *key, uint64_t value)
{
    output_printf(p->out, "\"%s\":%" PRIu64 ",", key, value);
}

static void put_run(struct page *p)
{
    const struct report *r = p->r;
    uint64_t suppressed = 0;
    for (size_t i = 0; i < r->suppressed_count; i++)
        for (int kind = 0; kind < DEFECT_KINDS; kind++)
            suppressed += r->suppressed[i].sums[kind].pairs;
    output_text(p->out, "\n{\"path\":");
    output_string(p, r->input_path);
    output_text(p->out, ",\"trap\":");
    output_string(p, r->trap);
    output_printf(p->out, ",\"runs\":%zu,\"suppressed\":%" PRIu64 ",\"exitCode\":", r->run_count, suppressed);
    if (r->has_exit_code)
        output_decimal(p->out, r->exit_code);
    else
        output_text(p->out, "null");
    output_text(p->out, ",\"byTrace\":");
    output_string(p, r->by_trace);
    output_text(p->out, ",\"linesSource\":");
    output_string(p, r->lines.source);
    output_text(p->out, ",\"linesWarning\":");
    output_string(p, r->lines.warning);
    output_printf(p->out, ",\"sharedMemory\":%s,\"unoptimised\":%s,", r->shared_memory ? "true" : "false",
                  r->unoptimised ? "true" : "false");
    put_count(p, "size", r->input_size);
    put_count(p, "linesBytes", r->lines.bytes);
    put_count(p, "linesFound", r->lines.found);
    put_count(p, "accesses", r->accesses);
    put_count(p, "loads", r->loads);
    put_count(p, "stores", r->stores);
    put_count(p, "hostReads", r->host_reads);
    put_count(p, "hostWrites", r->host_writes);
    put_count(p, "others", r->rmws + r->waits + r->fills + r->copies + r->inits);
    put_count(p, "bytesLoaded", r->bytes_loaded);
    put_count(p, "bytesStored", r->bytes_stored);
    put_count(p, "unread", r->unread_at_exit);
    put_count(p, "maxMemory", r->max_memory);
    put_count(p, "refused", r->grows_refused);
    put_count(p, "lost", r->lost);
    output_text(p->out, "\"totals\":[");
    for (int i = 0; i < DEFECT_KINDS; i++)
        output_printf(p->out, "%s[%" PRIu64 ",%" PRIu64 "]", i ? "," : "", r->totals[i].instances, r->totals[i].bytes);
    output_text(p->out, "],\n\"opaque\":[");
    for (size_t i = 0; i < r->opaque_count; i++) {
        output_text(p->out, i ? ",[" : "[");
        output_string(p, r->opaque[i].import);
        output_printf(p->out, ",%" PRIu64 "]", r->opaque[i].calls);
    }
    output_text(p->out, "],\n");
}

bool render_html(struct output *out, const struct report *r)
{
    struct page p = {.out = out, .r = r};
    struct intern *tables[TABLES] = {&p.strings, &p.frames, &p.stacks, &p.sides};
    for (int i = 0; i < TABLES; i++)
        intern_open(tables[i]);
    buf_init(&p.scratch, SIZE_MAX / 2);
    output_put(out, html_page_before, html_page_before_size);
    put_run(&p);
    put_trap(&p);
    put_pairs(&p);
    put_classes(&p);
    put_effects(&p);
    put_distances(&p);
    put_contexts(&p);
    put_objects(&p);
    put_unread(&p);
    put_sources(&p);
    put_map(&p);
    put_table(&p, "sides", &p.sides, ",");
    put_table(&p, "stacks", &p.stacks, ",");
    put_table(&p, "frames", &p.frames, ",");
    put_table(&p, "strings", &p.strings, "}");
    output_put(out, html_page_after, html_page_after_size);
    buf_release(&p.scratch);
    for (int i = 0; i < TABLES; i++)
        intern_close(tables[i]);
    return !p.failed;
}
