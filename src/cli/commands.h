/* commands.h: words that may stand in the place of an input module, each with a file cmd_*.c of its own.  An input of that name
 * is reached by a path, such as ./analyze. */
#ifndef MT_CLI_COMMANDS_H
#define MT_CLI_COMMANDS_H

#include <stdbool.h>

struct command {
    const char *name;
    int (*run)(int argc, char **argv); /* argv[0] is the command; returns the exit status */
    const char *summary;               /* what it is for, in a line of the help */
};

/* NULL where the word is no command. */
const struct command *command_find(const char *word);

/* What mem-tracer does without one, and `analyze`, which differs in its words: main.c. */
struct options;
struct error;
typedef bool options_reader(struct options *options, int argc, char **argv, struct error *err);
int command_session(options_reader *read, int argc, char **argv);

/* Prints a text to standard output; the exit status. */
int command_print(const char *text);

/* Wrong usage of a command: what is wrong, with the word that is.  The exit status. */
int command_usage(const char *command, const char *what, const char *word);

int cmd_analyze(int argc, char **argv);
int cmd_diff(int argc, char **argv);
int cmd_merge(int argc, char **argv);
int cmd_trace(int argc, char **argv);

#endif
