#include "cli/options.h"
#include "cli/session.h"

#include <stdio.h>

static void print_error(const char *input, const struct error *err)
{
    if (err->offset != ERROR_NO_OFFSET)
        fprintf(stderr, "mem-tracer: error: %s: %s (at offset 0x%llx)\n", input, err->message,
                (unsigned long long)err->offset);
    else if (input)
        fprintf(stderr, "mem-tracer: error: %s: %s\n", input, err->message);
    else
        fprintf(stderr, "mem-tracer: error: %s\n", err->message);
}

int main(int argc, char **argv)
{
    struct options options;
    struct error err = ERROR_INIT;
    int status = STATUS_USAGE;
    if (!options_read(&options, argc, argv, &err)) {
        print_error(NULL, &err);
    } else if (options.help) {
        fputs(options_help, stdout);
        status = 0;
    } else if (options.version) {
        puts("mem-tracer " MT_VERSION);
        status = 0;
    } else {
        status = session_run(&options, &err);
        if (err.code != ERROR_NONE) {
            bool about_input = err.code == ERROR_INPUT || err.code == ERROR_UNSUPPORTED || err.code == ERROR_LIMIT;
            print_error(about_input ? options.input : NULL, &err);
        }
    }
    options_release(&options);
    return status;
}
