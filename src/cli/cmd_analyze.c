/* mem-tracer analyze [OPTIONS] INPUT_WASM TRACE */
#include "cli/commands.h"
#include "cli/options.h"

int cmd_analyze(int argc, char **argv)
{
    return command_session(options_read_analyze, argc, argv);
}
