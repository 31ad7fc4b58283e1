/* SARIF 2.1.0, one result a pair.  The instruction that is wasted is its location (the first of a dead store, else the second),
 * the other one a related location, which the message links to. */
#include "base/hash.h"
#include "render/intern.h"
#include "render/json_parts.h"
#include "render/object_text.h"
#include "render/sarif_uri.h"
#include "render/stacks.h"
#include "render/viewers.h"
#include "report/functions.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

enum { OBJECTS = 4 }; /* of a result, that have the most bytes */

/* What GitHub's code scanning takes of one file ("SARIF support for code scanning": results of a run, bytes of the file when it is
 * compressed by gzip, here with some room). */
enum { RESULTS_MAX = 25000, COMPRESSED_MAX = 9500000 };

/* Pairs with less than one byte in so many that are stored, or loaded, are no results: nobody mends them. */
enum { FLOOR_PART = 100000 };

struct rule {
    const char *name, *brief, *help, *partner;
};

static const struct rule rules[] = {
    [DEFECT_DEAD_STORE] =
        {"DeadStore", "Bytes are stored that nobody reads before they are overwritten.",
         "Drop the first store, or move it to where its value is needed. Often a structure is cleared "
         "before all of it is filled, or a result is kept in memory inside a loop that only needs the "
         "last one.",
         "overwritten, unread, by"},
    [DEFECT_SILENT_STORE] = {"SilentStore", "A store puts the value that is there already.",
                             "Test whether the value has changed where that is cheaper than storing, or keep from "
                             "computing it again.",
                             "repeats what was put by"},
    [DEFECT_SILENT_LOAD_AFTER_LOAD] = {"SilentLoadAfterLoad",
                                       "A value is loaded again that was loaded before, unchanged.",
                                       "Keep the value in a local variable; a pointer that may alias often keeps the "
                                       "compiler from doing so.",
                                       "repeats the load by"},
    [DEFECT_SILENT_LOAD_AFTER_STORE] = {"SilentLoadAfterStore", "A value is loaded that was just stored.",
                                        "Keep the value in a local variable besides storing it; spilled variables and "
                                        "arguments passed in memory look like this too.",
                                        "reads back what was stored by"},
};

struct sarif {
    struct output *out;
    const struct report *report;
    struct functions *functions;
    char *root;    /* the current folder; NULL: not known */
    z_stream gzip; /* counts what the results take when they are compressed */
    uint64_t
        least; /* bytes that a pair has to have to be among the first RESULTS_MAX, and how many with just so many are */
    size_t room;
    size_t candidates; /* pairs that are neither folded nor small */
    size_t left_out;   /* of these, for want of room, and their bytes */
    uint64_t left_out_bytes;
    size_t unworthy; /* pairs that are, and their bytes */
    uint64_t unworthy_bytes;
    struct intern keys; /* of fingerprints */
    uint32_t *met;      /* how often each was met */
    size_t capacity;
};

/* Message strings have no other special characters: braces are placeholders, brackets links. */
static void put_message_part(struct output *out, const char *text)
{
    static const struct {
        char byte;
        const char *form;
    } forms[] = {{'[', "\\\\["}, {']', "\\\\]"}, {'{', "{{"}, {'}', "}}"}, {'"', "\\\""}, {'\\', "\\\\\\\\"}};
    for (; *text; text++) {
        size_t i = 0;
        while (i < sizeof forms / sizeof *forms && forms[i].byte != *text)
            i++;
        if (i < sizeof forms / sizeof *forms)
            output_text(out, forms[i].form);
        else if ((unsigned char)*text >= 0x20)
            output_put(out, text, 1);
    }
}

static const char *function_of(const struct report_side *side, const struct report_frame *f)
{
    if (side->origin != ORIGIN_SITE)
        return side->origin == ORIGIN_INIT ? "the initial memory" : "the host";
    return f && f->function ? f->function : *side->name ? side->name : "outside of functions";
}

/* Of one of a side's frames, NULL where it has none. */
static void put_location(struct sarif *s, const struct report_side *side, const struct report_frame *f, int id)
{
    struct output *out = s->out;
    output_text(out, "{");
    if (id)
        output_printf(out, "\"id\": %d, ", id);
    if (f && f->file && f->line) {
        output_text(out, "\"physicalLocation\": {\"artifactLocation\": ");
        sarif_put_location(out, s->root, f->file);
        output_printf(out, ", \"region\": {\"startLine\": %" PRIu32, f->line);
        if (f->column)
            output_printf(out, ", \"startColumn\": %" PRIu32, f->column);
        output_text(out, "}}, ");
    } else {
        output_text(out, "\"physicalLocation\": {\"artifactLocation\": ");
        sarif_put_location(out, s->root, s->report->input_path);
        if (side->loc)
            output_printf(out, ", \"region\": {\"byteOffset\": %" PRIu32 ", \"byteLength\": 1}", side->loc);
        output_text(out, "}, ");
    }
    output_text(out, "\"logicalLocations\": [{\"fullyQualifiedName\": ");
    json_put_string(out, function_of(side, f));
    output_text(out, ", \"kind\": \"function\"}]");
    if (id) {
        output_text(out, ", \"message\": {\"text\": \"the other access\"}");
    }
    output_text(out, "}");
}

/* What is inlined at the place of a result, down to the instruction. */
static void put_inside(struct sarif *s, const struct report_side *side)
{
    const struct report_frame *own = report_own_frame(side);
    if (!own || own == side->frames)
        return;
    output_text(s->out, "\"stacks\": [{\"message\": {\"text\": \"what is inlined there\"}, \"frames\": [");
    for (const struct report_frame *f = side->frames; f <= own; f++) {
        output_text(s->out, f == side->frames ? "{\"location\": " : ", {\"location\": ");
        put_location(s, side, f, 0);
        output_text(s->out, "}");
    }
    output_text(s->out, "]}],\n       ");
}

/* The n-th time that this key is met, from 0. */
static uint32_t count_key(struct sarif *s, const char *key)
{
    bool is_new;
    uint32_t number = intern_number(&s->keys, key, strlen(key), &is_new);
    if (!number)
        s->out->number = ENOMEM;
    if (number >= s->capacity) {
        size_t capacity = 2 * (size_t)number + 64;
        uint32_t *met = realloc(s->met, capacity * sizeof *met);
        if (!met) {
            s->out->number = ENOMEM;
            return 0;
        }
        memset(met + s->capacity, 0, (capacity - s->capacity) * sizeof *met);
        s->met = met;
        s->capacity = capacity;
    }
    return s->met[number]++;
}

/* The functions of a side from the own one to the innermost, as a rebuild keeps them: of their paths, which may be others, only what tells
 * them apart. */
static void put_chain(struct sarif *s, struct buf *key, const struct report_side *side)
{
    for (uint32_t i = report_own_index(side) + 1; i-- > 0;) {
        struct function f;
        if (functions_name_side(s->functions, side, i, &f))
            buf_printf(key, "%s\n%s\n", f.name, f.file ? functions_tail(s->functions, &f) : "");
        else
            s->out->number = ENOMEM;
    }
    buf_printf(key, "%s\n", side->op);
}

/* By what a rebuild keeps: kind, functions, instructions, how many lines lie between, and which of several like it. */
static void put_fingerprint(struct sarif *s, const struct report_pair *p)
{
    const struct report_frame *a = report_own_frame(&p->first), *b = report_own_frame(&p->second);
    int64_t between = a && b && a->line && b->line ? (int64_t)b->line - (int64_t)a->line : 0;
    struct buf key;
    buf_init(&key, SIZE_MAX / 2);
    buf_printf(&key, "%s\n", kind_name(p->kind));
    put_chain(s, &key, &p->first);
    put_chain(s, &key, &p->second);
    buf_printf(&key, "%" PRId64, between);
    buf_put_u8(&key, 0);
    if (key.failed) {
        s->out->number = ENOMEM;
    } else {
        const char *text = (const char *)key.data;
        uint64_t hash = hash_fnv1a(key.data, key.size - 1);
        output_printf(s->out, "\"partialFingerprints\": {\"memTracerPair/v3\": \"%016" PRIx64 ":%" PRIu32 "\"}", hash,
                      count_key(s, text));
    }
    buf_release(&key);
}

/* Class, advice, constant and marks are named as in JSON; an object is in words. */
static void put_properties(struct sarif *s, const struct report_pair *p)
{
    struct output *out = s->out;
    output_printf(out, "\"properties\": {\"bytes\": %" PRIu64 ", \"instances\": %" PRIu64, p->bytes, p->instances);
    json_put_pair_class(out, p);
    for (size_t i = 0; i < p->object_count && i < OBJECTS; i++) {
        const struct report_pair_object *o = &p->objects[i];
        char *words = object_words(s->report, &s->report->objects[o->object - 1]);
        if (!words)
            out->number = ENOMEM;
        output_text(out, i ? ", {\"object\": " : ", \"objects\": [{\"object\": ");
        json_put_string(out, words);
        output_printf(out, ", \"bytes\": %" PRIu64 "}", o->bytes);
        free(words);
    }
    output_text(out, p->object_count ? "]}" : "}");
}

static void put_result(struct sarif *s, const struct report_pair *p)
{
    struct output *out = s->out;
    bool first = p->kind == DEFECT_DEAD_STORE;
    const struct report_side *here = first ? &p->first : &p->second, *there = first ? &p->second : &p->first;
    output_printf(
        out, "      {\"ruleId\": \"%s\", \"ruleIndex\": %u, \"level\": \"note\",\n       \"message\": {\"text\": \"",
        kind_name(p->kind), p->kind);
    output_printf(out, "%" PRIu64 " byte%s, %" PRIu64 " time%s: ", p->bytes, p->bytes == 1 ? "" : "s", p->instances,
                  p->instances == 1 ? "" : "s");
    put_message_part(out, *here->op ? here->op : "an access");
    output_text(out, " in ");
    put_message_part(out, function_of(here, report_own_frame(here)));
    output_printf(out, " %s [", rules[p->kind].partner);
    put_message_part(out, function_of(there, report_own_frame(there)));
    output_text(out, "](1).");
    if (p->advice) {
        output_text(out, " ");
        put_message_part(out, p->advice);
    }
    output_text(out, "\"},\n       \"locations\": [");
    put_location(s, here, report_own_frame(here), 0);
    output_text(out, "],\n       \"relatedLocations\": [");
    put_location(s, there, report_own_frame(there), 1);
    output_text(out, "],\n       ");
    put_inside(s, here);
    put_fingerprint(s, p);
    output_text(out, ",\n       ");
    put_properties(s, p);
    output_text(out, "}");
}

static void put_rules(struct output *out)
{
    for (unsigned kind = 0; kind < DEFECT_KINDS; kind++)
        output_printf(out,
                      "%s        {\"id\": \"%s\", \"name\": \"%s\", \"shortDescription\": {\"text\": \"%s\"},\n"
                      "         \"fullDescription\": {\"text\": \"%s\"}, \"help\": {\"text\": \"%s\"},\n"
                      "         \"defaultConfiguration\": {\"level\": \"note\"}, \"properties\": {\"tags\": "
                      "[\"performance\", \"memory\"]}}",
                      kind ? ",\n" : "", kind_name(kind), rules[kind].name, rules[kind].brief, rules[kind].brief,
                      rules[kind].help);
}

static int compare_bytes(const void *left, const void *right)
{
    uint64_t a = *(const uint64_t *)left, b = *(const uint64_t *)right;
    return (a < b) - (a > b);
}

/* Whether somebody may want to mend it: not the allocator's own work, and not next to nothing. */
static bool is_worthy(const struct report *r, const struct report_pair *p)
{
    bool load = p->kind != DEFECT_DEAD_STORE && p->kind != DEFECT_SILENT_STORE;
    return !report_folds(r, p) && p->bytes >= (load ? r->bytes_loaded : r->bytes_stored) / FLOOR_PART;
}

/* Of more pairs than there may be results, those with the most bytes. */
static bool find_least(struct sarif *s)
{
    const struct report *r = s->report;
    for (size_t i = 0; i < r->pair_count; i++)
        s->candidates += is_worthy(r, &r->pairs[i]);
    if (s->candidates <= RESULTS_MAX)
        return true;
    uint64_t *bytes = malloc(s->candidates * sizeof *bytes);
    if (!bytes)
        return false;
    for (size_t i = 0, n = 0; i < r->pair_count; i++)
        if (is_worthy(r, &r->pairs[i]))
            bytes[n++] = r->pairs[i].bytes;
    qsort(bytes, s->candidates, sizeof *bytes, compare_bytes);
    s->least = bytes[RESULTS_MAX - 1];
    while (s->room < RESULTS_MAX && bytes[RESULTS_MAX - 1 - s->room] == s->least)
        s->room++;
    free(bytes);
    return true;
}

static bool is_among(struct sarif *s, const struct report_pair *p)
{
    if (s->candidates <= RESULTS_MAX || p->bytes > s->least)
        return true;
    if (p->bytes < s->least || !s->room)
        return false;
    s->room--;
    return true;
}

/* Whether the file has room for so many bytes more. */
static bool count_compressed(struct sarif *s, const char *bytes, size_t size)
{
    uint8_t chunk[1 << 14];
    s->gzip.next_in = (Bytef *)(uintptr_t)bytes;
    s->gzip.avail_in = (uInt)size;
    do {
        s->gzip.next_out = chunk;
        s->gzip.avail_out = sizeof chunk;
        if (deflate(&s->gzip, Z_NO_FLUSH) == Z_STREAM_ERROR)
            return false;
    } while (!s->gzip.avail_out);
    return s->gzip.total_out <= COMPRESSED_MAX;
}

/* One result, if the file has room for it. */
static bool put_counted(struct sarif *s, const struct report_pair *p, bool is_first)
{
    struct output *out = s->out, memory;
    char *text = NULL;
    size_t size = 0;
    FILE *stream = open_memstream(&text, &size);
    if (!stream) {
        out->number = ENOMEM;
        return false;
    }
    output_init(&memory, stream, out->path);
    s->out = &memory;
    output_text(&memory, is_first ? "\n" : ",\n");
    put_result(s, p);
    s->out = out;
    if (fclose(stream) != 0 || memory.number)
        out->number = ENOMEM;
    bool fits = !out->number && count_compressed(s, text, size);
    if (fits)
        output_put(out, text, size);
    free(text);
    return fits;
}

static void put_results(struct sarif *s)
{
    const struct report *r = s->report;
    bool full = false, is_first = true;
    for (size_t i = 0; i < r->pair_count && !output_failed(s->out); i++) {
        const struct report_pair *p = &r->pairs[i];
        if (!is_worthy(r, p)) {
            s->unworthy++;
            s->unworthy_bytes += p->bytes;
            continue;
        }
        if (!full && is_among(s, p) && !(full = !put_counted(s, p, is_first))) {
            is_first = false;
            continue;
        }
        s->left_out++;
        s->left_out_bytes += p->bytes;
    }
}

/* Where relative names count from, and what is not there. */
static void put_invocation(struct sarif *s)
{
    struct output *out = s->out;
    if (s->root) {
        output_text(out, ",\n     \"originalUriBaseIds\": {\"" SARIF_ROOT "\": {\"uri\": ");
        sarif_put_root(out, s->root);
        output_text(out, "}}");
    }
    output_text(out, ",\n     \"invocations\": [{\"executionSuccessful\": true");
    if (s->root) {
        output_text(out, ", \"workingDirectory\": {\"uri\": ");
        sarif_put_root(out, s->root);
        output_text(out, "}");
    }
    if (s->left_out || s->unworthy)
        output_text(out, ",\n      \"toolExecutionNotifications\": [");
    if (s->left_out)
        output_printf(out,
                      "{\"level\": \"warning\", \"message\": {\"text\": "
                      "\"%zu pair%s with %" PRIu64 " bytes are left out: code scanning takes %d results, and 10 MB "
                      "compressed, of a file. The JSON report has all.\"}}",
                      s->left_out, s->left_out == 1 ? "" : "s", s->left_out_bytes, RESULTS_MAX);
    if (s->unworthy)
        output_printf(
            out,
            "%s{\"level\": \"note\", \"message\": {\"text\": \"%zu pair%s with %" PRIu64
            " bytes are no results: housekeeping (--housekeeping show lists it), or less than 0.001 %% of the "
            "bytes stored or loaded. The JSON report has all.\"}}",
            s->left_out ? ",\n       " : "", s->unworthy, s->unworthy == 1 ? "" : "s", s->unworthy_bytes);
    output_text(out, s->left_out || s->unworthy ? "]}]" : "}]");
}

void render_sarif(struct output *out, const struct report *r)
{
    struct sarif s = {.out = out, .report = r, .functions = functions_of(r), .root = sarif_find_root()};
    if (!s.functions || !find_least(&s) || deflateInit(&s.gzip, Z_DEFAULT_COMPRESSION) != Z_OK) {
        out->number = ENOMEM;
        functions_free(s.functions);
        free(s.root);
        return;
    }
    intern_open(&s.keys);
    output_text(out, "{\"$schema\": \"https://json.schemastore.org/sarif-2.1.0.json\", \"version\": \"2.1.0\", "
                     "\"runs\": [\n    {\"tool\": {\"driver\": {\"name\": \"mem-tracer\", "
                     "\"version\": \"" MT_VERSION "\",\n"
                     "      \"rules\": [\n");
    put_rules(out);
    output_text(out, "]}},\n     \"columnKind\": \"utf16CodeUnits\",\n     \"results\": [");
    put_results(&s);
    output_text(out, "]");
    put_invocation(&s);
    output_text(out, "}]}\n");
    deflateEnd(&s.gzip);
    free(s.root);
    functions_free(s.functions);
    free(s.met);
    intern_close(&s.keys);
}
