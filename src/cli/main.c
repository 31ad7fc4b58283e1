#include "cli/commands.h"
#include "cli/options.h"

#include <errno.h>
#include <fcntl.h>

/* A file that is opened later must not become what the program takes for its standard streams.  The stand-ins are open
 * in the wrong direction, so that using them fails as it would have. */
static void occupy_standard_streams(void)
{
    for (int fd = 0; fd <= 2; fd++)
        if (fcntl(fd, F_GETFD) < 0 && errno == EBADF && open("/dev/null", fd == 0 ? O_WRONLY : O_RDONLY) < 0)
            return;
}

int main(int argc, char **argv)
{
    occupy_standard_streams();
    const struct command *command = argc > 1 ? command_find(argv[1]) : NULL;
    return command ? command->run(argc - 1, argv + 1) : command_session(options_read, argc, argv);
}
