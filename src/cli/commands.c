#include "cli/commands.h"

#include "base/outfile.h"
#include "cli/message.h"
#include "cli/options.h"
#include "cli/session.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static const struct command commands[] = {
    {"analyze", cmd_analyze, "report on a trace that was saved, or that another engine left"},
    {"diff", cmd_diff, "compare two JSON reports"},
    {"merge", cmd_merge, "add up JSON reports of several runs"},
    {"trace", cmd_trace, "dump: print a saved trace as text, JSON lines or CSV"},
};

const struct command *command_find(const char *word)
{
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++)
        if (strcmp(commands[i].name, word) == 0)
            return &commands[i];
    return NULL;
}

int command_print(const char *text)
{
    if (fputs(text, stdout) >= 0 && fflush(stdout) == 0)
        return 0;
    struct error err = ERROR_INIT;
    outfile_error(NULL, errno, &err);
    message_error(NULL, &err);
    return STATUS_FAILURE;
}

int command_usage(const char *command, const char *what, const char *word)
{
    struct error err = ERROR_INIT;
    error_set(&err, ERROR_USAGE, "%s%s (see mem-tracer %s --help)", what, word, command);
    message_error(NULL, &err);
    return STATUS_USAGE;
}

int command_session(options_reader *read, int argc, char **argv)
{
    struct options options;
    struct error err = ERROR_INIT;
    int status = STATUS_USAGE;
    if (!read(&options, argc, argv, &err)) {
        message_error(NULL, &err);
        status = err.code == ERROR_MEMORY ? STATUS_FAILURE : STATUS_USAGE;
    } else if (options.help) {
        status = command_print(options_help);
    } else if (options.version) {
        status = command_print("mem-tracer " MT_VERSION "\n");
    } else {
        status = session_run(&options, &err);
        if (err.code != ERROR_NONE) {
            bool about_input = err.code == ERROR_INPUT || err.code == ERROR_UNSUPPORTED || err.code == ERROR_LIMIT;
            message_error(about_input ? options.input : NULL, &err);
        }
    }
    options_release(&options);
    return status;
}
