/* The command's main(), to be called. */
int command_main(int argc, char **argv);

#define main command_main
#include "cli/main.c"
