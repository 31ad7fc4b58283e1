#include "render/groups.h"
#include "render/names.h"
#include "render/number.h"
#include "render/object_text.h"
#include "render/paths.h"
#include "render/render.h"
#include "render/runs.h"

#include "report/select.h"

#include <inttypes.h>
#include <string.h>

enum {
    WIDTH = 100,           /* columns of the longest line */
    WORST = 10,            /* pairs shown of the kinds that are waste */
    WORST_AFTER_STORE = 3, /* and of the kind that may be none */
    IMPORTS = 10,          /* opaque imports named */
    NAME_COLUMNS = 54,     /* of a function's name */
    TRAP_COLUMNS = 70,
    PLACE_COLUMN = 23,         /* where source lines begin */
    INTO_COLUMNS = 30,         /* of the function that something is inlined into */
    FRAMES = 5,                /* shown of one side */
    PATH_COLUMNS = WIDTH - 13, /* of a call path */
};

/* The order of the summary: surest waste first. */
struct kind_words {
    uint8_t kind;
    const char *plural, *singular, *of, *meaning;
};

static const struct kind_words kinds[DEFECT_KINDS] = {
    {DEFECT_SILENT_LOAD_AFTER_LOAD, "redundant loads", "redundant load", "loaded",
     "loaded again with nothing between: the program had the value already"},
    {DEFECT_DEAD_STORE, "dead stores", "dead store", "stored", "overwritten before anything read them"},
    {DEFECT_SILENT_STORE, "silent stores", "silent store", "stored", "wrote what memory held already"},
    {DEFECT_SILENT_LOAD_AFTER_STORE, "loads after a store", "load after a store", "loaded",
     "fetched what the program had just put there: often ordinary communication through memory"},
};

/* Prints at most so many columns of a text, and an ellipsis for what is left out.  A character from U+1100 on may be
 * two columns wide, and is taken to be. */
static void put_cut(struct output *out, const char *text, size_t columns)
{
    size_t used = 0, keep = 0, at = 0;
    while (text[at]) {
        unsigned char lead = (unsigned char)text[at];
        size_t length = lead < 0xC0 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
        used += lead > 0xE1 || (lead == 0xE1 && (unsigned char)text[at + 1] >= 0x84) ? 2 : 1;
        if (used > columns) {
            output_put(out, text, keep);
            output_text(out, "…");
            return;
        }
        at += length;
        if (used < columns)
            keep = at;
    }
    output_put(out, text, at);
}

static void put_head(struct output *out, const struct report *r)
{
    char size[NUMBER_SIZE];
    number_bytes(size, r->input_size);
    const char *slash = strrchr(r->input_path, '/');
    output_style(out, STYLE_HEAD);
    output_text(out, "Memory use of ");
    put_cut(out, slash ? slash + 1 : r->input_path, TRAP_COLUMNS);
    output_printf(out, " (%s)", size);
    output_style(out, STYLE_PLAIN);
    output_text(out, "\n\n");

    if (r->run_count) {
        put_runs(out, r);
    } else if (!r->trap && r->has_exit_code) {
        output_printf(out, "The program ended by itself, with exit status %" PRIu32 ".\n", r->exit_code);
    } else if (!r->trap) {
        output_text(out, "The program ended by itself.\n");
    } else if (strcmp(r->trap, "interrupt") == 0) {
        output_text(out, "A signal interrupted the program; this is about what ran before.\n");
    } else if (strcmp(r->trap, "timeout") == 0) {
        output_text(out, "The program ran into the time limit; this is about what ran before.\n");
    } else if (strcmp(r->trap, "invalid exit status") == 0) {
        output_text(out, "The program ended itself with an exit status that is not allowed (126 or more).\n");
    } else {
        output_text(out, "The program trapped: ");
        put_cut(out, r->trap, TRAP_COLUMNS);
        output_text(out, ".\n");
    }
}

static void put_accesses(struct output *out, const struct report *r)
{
    const struct {
        uint64_t count;
        const char *one, *many;
    } parts[] = {
        {r->loads, "load", "loads"},
        {r->stores, "store", "stores"},
        {r->rmws, "atomic update", "atomic updates"},
        {r->waits, "atomic wait", "atomic waits"},
        {r->fills, "fill", "fills"},
        {r->copies, "copy", "copies"},
        {r->inits, "init", "inits"},
        {r->host_reads, "read by the host", "reads by the host"},
        {r->host_writes, "write by the host", "writes by the host"},
    };
    char number[NUMBER_SIZE];
    number_grouped(number, r->accesses);
    size_t column = strlen(number) + sizeof " accesses" - 1;
    output_printf(out, "\n%s access%s", number, r->accesses == 1 ? "" : "es");
    const char *separator = ": ";
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        if (parts[i].count == 0)
            continue;
        const char *word = parts[i].count == 1 ? parts[i].one : parts[i].many;
        number_grouped(number, parts[i].count);
        size_t size = 2 + strlen(number) + 1 + strlen(word);
        if (column + size >= WIDTH) { /* a comma may follow */
            separator = *separator == ':' ? ":\n  " : ",\n  ";
            column = 0;
        }
        output_printf(out, "%s%s %s", separator, number, word);
        column += size;
        separator = ", ";
    }
    output_text(out, "\n");
    number_bytes(number, r->bytes_loaded);
    output_printf(out, "%s loaded", number);
    number_bytes(number, r->bytes_stored);
    output_printf(out, ", %s stored", number);
    number_bytes(number, r->unread_at_exit);
    output_printf(out, ", of which %s %s unread at the end\n", number, r->unread_at_exit == 1 ? "was" : "were");
}

/* The pairs of one kind stand together, the worst first. */
struct run {
    const struct report_pair *next;
    size_t left;
};

static struct run run_of(const struct report *r, unsigned kind)
{
    struct run run = {r->pairs, 0};
    for (size_t i = 0; i < r->pair_count; i++) {
        if (r->pairs[i].kind < kind)
            run.next = &r->pairs[i + 1];
        else if (r->pairs[i].kind == kind)
            run.left++;
    }
    return run;
}

/* What is surely waste stands out most; what may be none does not. */
static enum output_style style_of(unsigned kind)
{
    if (kind == DEFECT_SILENT_LOAD_AFTER_STORE)
        return STYLE_PLAIN;
    return kind == DEFECT_SILENT_STORE ? STYLE_WASTE : STYLE_SUREST;
}

static void put_kinds(struct output *out, const struct report *r)
{
    output_printf(out, "\n%-22s%12s%19s%20s%13s\n", "", "bytes", "share", "times", "pairs");
    for (size_t i = 0; i < DEFECT_KINDS; i++) {
        const struct report_total *total = &r->totals[kinds[i].kind];
        char bytes[NUMBER_SIZE], share[NUMBER_SIZE], times[NUMBER_SIZE], pairs[NUMBER_SIZE];
        number_bytes(bytes, total->bytes);
        number_share(share, total->share);
        number_grouped(times, total->instances);
        number_grouped(pairs, r->selected ? r->all_pairs[kinds[i].kind] : run_of(r, kinds[i].kind).left);
        output_style(out, style_of(kinds[i].kind));
        output_printf(out, "%-22s", kinds[i].plural);
        output_style(out, STYLE_PLAIN);
        output_printf(out, "%12s%9s of %s%20s%13s\n", bytes, share, kinds[i].of, times, pairs);
        output_printf(out, "    %s\n", kinds[i].meaning);
    }
}

/* FILE:LINE, or of a long path its end. */
static void put_place(struct output *out, const struct report_frame *frame, size_t columns)
{
    char line[16] = "";
    if (frame->line)
        snprintf(line, sizeof line, ":%" PRIu32, frame->line);
    const char *file = frame->file;
    size_t size = strlen(file);
    if (size + strlen(line) > columns) {
        file += size - (columns - strlen(line));
        while (((unsigned char)*file & 0xC0) == 0x80) /* not from within a character */
            file++;
        const char *slash = strchr(file, '/');
        file = slash ? slash : file;
        output_text(out, "…");
    }
    output_printf(out, "%s%s", file, line);
}

static void put_styled_place(struct output *out, const struct report_frame *frame, size_t columns)
{
    output_style(out, STYLE_PLACE);
    put_place(out, frame, columns);
    output_style(out, STYLE_PLAIN);
}

/* The source that an instruction came from: its line, and what its function is inlined into. */
static void put_frames(struct output *out, const struct report_side *side)
{
    for (uint32_t i = 0; i < side->frame_count && i < FRAMES; i++) {
        const struct report_frame *frame = &side->frames[i];
        output_printf(out, "%*s", PLACE_COLUMN, "");
        if (i > 0) {
            output_text(out, "inlined into ");
            put_cut(out, frame->function ? frame->function : "a function without a name", INTO_COLUMNS);
            output_text(out, frame->file ? ", " : "");
        }
        if (frame->file)
            put_styled_place(out, frame, i ? WIDTH - PLACE_COLUMN - INTO_COLUMNS - 16 : WIDTH - PLACE_COLUMN - 1);
        output_text(out, "\n");
        if (i == 0 && frame->text) {
            output_printf(out, "%*s", PLACE_COLUMN + 2, "");
            output_style(out, STYLE_SOURCE);
            put_cut(out, frame->text, WIDTH - PLACE_COLUMN - 2);
            output_style(out, STYLE_PLAIN);
            output_text(out, "\n");
        }
    }
    if (side->frame_count > FRAMES)
        output_printf(out, "%*sinlined into %u more\n", PLACE_COLUMN, "", (unsigned)side->frame_count - FRAMES);
}

/* `before`: the side printed just before, or NULL; the same source is not printed twice. */
static void put_side(struct output *out, const char *when, const struct report_side *side,
                     const struct report_side *before)
{
    output_printf(out, "      %-6s ", when);
    if (side->origin == ORIGIN_INIT) {
        output_text(out, "init      (the memory's initial content)\n");
    } else if (side->origin == ORIGIN_HOST) {
        output_text(out, "host      (written by the host)\n");
    } else {
        output_printf(out, "%-8" PRIX32 "  %-26.26s ", side->loc, side->op);
        bool named = side->frame_count && side->frames->function;
        put_cut(out, named ? side->frames->function : side_name(side), NAME_COLUMNS - 4);
        output_text(out, "\n");
        if (!before || before->frames != side->frames)
            put_frames(out, side);
    }
}

/* What to do about a pair, wrapped at words. */
static void put_advice(struct output *out, const struct report_pair *pair)
{
    const char *text = pair->advice                ? pair->advice
                       : pair->marks & MARK_ATOMIC ? "Atomic: no register could have kept the value."
                       : pair->marks               ? "Copied just before: no register could have kept the value."
                                                   : NULL;
    const char *before = "      advice ";
    for (size_t room = WIDTH - PLACE_COLUMN + 9; text && *text; before = "             ") {
        size_t size = strlen(text);
        if (size > room)
            for (size = room; size > 1 && text[size] != ' ';)
                size--;
        output_text(out, before);
        output_put(out, text, size);
        output_text(out, "\n");
        text += size + (text[size] == ' ');
    }
}

/* The call paths of a pair that count most. */
static void put_paths(struct output *out, const struct report *r, const struct report_pair *pair)
{
    if (!pair->context_count)
        return;
    const struct report_pair_context *c = pair->contexts;
    char share[NUMBER_SIZE], count[NUMBER_SIZE];
    number_share(share, (double)c->bytes / (double)pair->bytes);
    number_grouped(count, pair->context_count);
    if (pair->context_count > 1)
        output_printf(out, "      paths  %s of the bytes have these, the first of %s:\n", share, count);
    output_text(out, pair->context_count > 1 ? "             " : "      paths  ");
    bool both = pair->first.origin != ORIGIN_SITE || c->first == c->second;
    if (!both) {
        put_path(out, r, c->first, SIZE_MAX, PATH_COLUMNS);
        output_text(out, "\n             ");
    }
    put_path(out, r, c->second, SIZE_MAX, PATH_COLUMNS);
    output_text(out, "\n");
}

static void put_pair(struct output *out, const struct report *r, const struct kind_words *words, unsigned rank,
                     const struct report_pair *pair)
{
    char bytes[NUMBER_SIZE], times[NUMBER_SIZE];
    number_bytes(bytes, pair->bytes);
    number_grouped(times, pair->instances);
    output_printf(out, "%3u. ", rank);
    output_style(out, style_of(pair->kind));
    output_text(out, words->singular);
    output_style(out, STYLE_PLAIN);
    output_printf(out, ", %s, %s time%s\n", bytes, times, pair->instances == 1 ? "" : "s");
    put_side(out, "first", &pair->first, NULL);
    put_side(out, "then", &pair->second, &pair->first);
    put_advice(out, pair);
    put_paths(out, r, pair);
    put_pair_object(out, r, pair);
}

/* By which pairs of several kinds are ranked. */
static double weight(const struct report *r, const struct report_pair *pair)
{
    uint64_t whole = pair->kind == DEFECT_SILENT_LOAD_AFTER_LOAD ? r->bytes_loaded : r->bytes_stored;
    if (r->sorted_by == SELECT_SHARE && whole)
        return (double)pair->bytes / (double)whole;
    return (double)(r->sorted_by == SELECT_INSTANCES ? pair->instances : pair->bytes);
}

/* The worst of the kinds that are waste, judged together; loads after a store are kept apart from them. */
static void put_worst(struct output *out, const struct report *r)
{
    enum { WASTE = DEFECT_KINDS - 1 };
    const uint64_t most = r->top ? r->top : WORST, most_after = r->top ? r->top : WORST_AFTER_STORE;
    struct run runs[WASTE];
    size_t left = 0;
    for (size_t i = 0; i < WASTE; i++) {
        runs[i] = run_of(r, kinds[i].kind);
        left += runs[i].left;
    }
    if (left) {
        char all[NUMBER_SIZE];
        number_grouped(all, left);
        output_printf(out, "\nThe worst pairs of redundant loads, dead and silent stores (%zu of %s):\n",
                      left < most ? left : (size_t)most, all);
    }
    for (unsigned rank = 1; rank <= most && left; rank++, left--) {
        size_t worst = WASTE;
        for (size_t i = 0; i < WASTE; i++) {
            if (runs[i].left && (worst == WASTE || weight(r, runs[i].next) > weight(r, runs[worst].next)))
                worst = i;
        }
        put_pair(out, r, &kinds[worst], rank, runs[worst].next++);
        runs[worst].left--;
    }
    struct run after = run_of(r, DEFECT_SILENT_LOAD_AFTER_STORE);
    if (after.left) {
        char all[NUMBER_SIZE];
        number_grouped(all, after.left);
        output_printf(out, "\nThe largest pairs of loads after a store, often ordinary communication (%zu of %s):\n",
                      after.left < most_after ? after.left : (size_t)most_after, all);
    }
    for (unsigned rank = 1; rank <= most_after && after.left; rank++, after.left--)
        put_pair(out, r, &kinds[WASTE], rank, after.next++);
}

static void put_lines(struct output *out, const struct report_lines *lines)
{
    if (!lines->asked || !lines->bytes || !lines->missing_count)
        return;
    char share[NUMBER_SIZE];
    if (!lines->source) {
        output_text(out, "\nNo source lines: the module has no debug information (compile and link it with -g).\n");
        return;
    }
    number_share(share, (double)lines->found / (double)lines->bytes);
    output_printf(out, "\nSource lines were found for %s of the bytes in pairs; for the rest:\n", share);
    for (size_t i = 0; i < lines->missing_count; i++) {
        number_share(share, (double)lines->missing[i].bytes / (double)lines->bytes);
        output_printf(out, "  %s (%s)\n", lines->missing[i].why, share);
    }
}

static void put_unoptimised(struct output *out, const struct report *r)
{
    if (r->unoptimised)
        output_text(
            out,
            "\nMost loads fetch slots of their function's own frame anew: the code is not optimised (or its compiler\n"
            "keeps variables in memory). Compile it with optimisation before looking at anything else.\n");
}

static void put_merged(struct output *out, const struct report *r)
{
    if (r->contexts_merged)
        output_text(out,
                    "\nThere are more calling contexts than there is room for; the rest are put down to one. A limit\n"
                    "of their depth (--contexts DEPTH) makes fewer.\n");
}

static void put_hidden(struct output *out, const struct report *r)
{
    if (r->shared_memory)
        output_text(out, "\nThe module shares memory with other threads. What they do to it was not observed.\n");
    if (r->max_memory)
        output_printf(out, "\nIts memories were limited to %" PRIu64 " bytes (--max-memory).\n", r->max_memory);
    if (r->by_trace)
        output_printf(out, "\nAnalysed by trace, which takes longer than online, since %s.\n", r->by_trace);
    if (r->opaque_count == 0)
        return;
    output_text(out, "\nImports that may do anything to memory were called. Each call hides the defects across it:\n");
    for (size_t i = 0; i < r->opaque_count && i < IMPORTS; i++) {
        char calls[NUMBER_SIZE];
        number_grouped(calls, r->opaque[i].calls);
        output_text(out, "  ");
        put_cut(out, r->opaque[i].import, NAME_COLUMNS);
        output_printf(out, ": %s call%s\n", calls, r->opaque[i].calls == 1 ? "" : "s");
    }
    if (r->opaque_count > IMPORTS)
        output_printf(out, "  and %zu more imports, which the JSON report names\n", r->opaque_count - IMPORTS);
}

void render_summary(struct output *out, const struct report *r)
{
    put_head(out, r);
    put_accesses(out, r);
    if (r->pair_count) {
        put_kinds(out, r);
        put_worst(out, r);
    } else if (r->selected) {
        put_kinds(out, r);
        output_text(out, "\nNone of the pairs is among those that were asked for.\n");
    } else {
        output_text(out, "\nNo dead store, silent store or silent load was seen.\n");
    }
    put_groups(out, r);
    put_unoptimised(out, r);
    put_object_ranking(out, r);
    put_lines(out, &r->lines);
    put_merged(out, r);
    put_hidden(out, r);
    char pairs[NUMBER_SIZE];
    number_grouped(pairs, r->pair_count);
    output_printf(out,
                  "\nMore: -f lists all pairs by place (%s), -ff each one by trace index, -fff the whole trace;\n"
                  "--format json is for scripts.\n",
                  pairs);
}
