/* mem-tracer trace dump [--format text|jsonl|csv] TRACE */
#include "cli/commands.h"
#include "cli/message.h"
#include "cli/options.h"
#include "cli/words.h"
#include "render/trace_print.h"
#include "tracefile/tracefile.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>

static const char help[] =
    "Usage: mem-tracer trace dump [--format text|jsonl|csv] TRACE\n"
    "\n"
    "Prints a trace that --trace-out saved, one access a line: text as -fff does, JSON lines, or CSV.\n";

static size_t read_stream(void *self, uint8_t *to, size_t size)
{
    return fread(to, 1, size, self);
}

static bool dump(FILE *stream, enum trace_form form, struct error *err)
{
    struct trace_reader *r = trace_reader_new((struct byte_source){read_stream, stream}, err);
    if (!r)
        return false;
    struct output out;
    output_init(&out, stdout, NULL);
    struct trace_printer p = {.out = &out,
                              .form = form,
                              .table = trace_reader_sites(r),
                              .code = tracer_opcode_code,
                              .name = tracer_opcode_name};
    trace_print_start(&p);
    const uint8_t *records;
    size_t size;
    while (!output_failed(&out) && trace_reader_next(r, &records, &size))
        trace_print(&p, records, size);
    bool ok = output_finish(&out, err) && err->code == ERROR_NONE;
    if (ok && ferror(stream))
        ok = error_set(err, ERROR_IO, "reading failed");
    if (ok && trace_reader_cut(r))
        message_warning(trace_reader_cut(r));
    trace_reader_free(r);
    return ok;
}

int cmd_trace(int argc, char **argv)
{
    static const char *const forms[] = {[TRACE_TEXT] = "text", [TRACE_JSON_LINES] = "jsonl", [TRACE_CSV] = "csv", NULL};
    static const struct option options[] = {
        {"format", required_argument, NULL, 'F'}, {"help", no_argument, NULL, 'h'}, {0}};
    struct error err = ERROR_INIT;
    int option, form = TRACE_TEXT;
    optind = 0;
    opterr = 0;
    while ((option = getopt_long(argc, argv, ":h", options, NULL)) != -1) {
        if (option == 'h')
            return command_print(help);
        if (option != 'F')
            return command_usage("trace", "unknown or incomplete option ", argv[optind - 1]);
        if (!words_choose("format", optarg, forms, &form, &err))
            return command_usage("trace", err.message, "");
    }
    if (optind == argc || strcmp(argv[optind], "dump") != 0)
        return command_usage("trace", "what shall be done with the trace? dump is all there is", "");
    if (optind + 2 != argc)
        return command_usage("trace", "dump takes one trace", "");
    const char *path = argv[optind + 1];
    FILE *stream = fopen(path, "rbe");
    if (!stream)
        error_set(&err, ERROR_IO, "cannot read '%s': %m", path);
    bool ok = stream && dump(stream, (enum trace_form)form, &err);
    if (stream)
        fclose(stream);
    if (!ok)
        message_error(err.code == ERROR_INPUT || err.code == ERROR_UNSUPPORTED ? path : NULL, &err);
    return ok ? 0 : STATUS_FAILURE;
}
