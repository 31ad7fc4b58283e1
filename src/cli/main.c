#include "base/outfile.h"
#include "cli/message.h"
#include "cli/options.h"
#include "cli/session.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>

/* A file that is opened later must not become what the program takes for its standard streams.  The stand-ins are open
 * in the wrong direction, so that using them fails as it would have. */
static void occupy_standard_streams(void)
{
    for (int fd = 0; fd <= 2; fd++)
        if (fcntl(fd, F_GETFD) < 0 && errno == EBADF && open("/dev/null", fd == 0 ? O_WRONLY : O_RDONLY) < 0)
            return;
}

static int print(const char *text)
{
    if (fputs(text, stdout) >= 0 && fflush(stdout) == 0)
        return 0;
    struct error err = ERROR_INIT;
    outfile_error(NULL, errno, &err);
    message_error(NULL, &err);
    return STATUS_FAILURE;
}

int main(int argc, char **argv)
{
    occupy_standard_streams();
    struct options options;
    struct error err = ERROR_INIT;
    int status = STATUS_USAGE;
    if (!options_read(&options, argc, argv, &err)) {
        message_error(NULL, &err);
    } else if (options.help) {
        status = print(options_help);
    } else if (options.version) {
        status = print("mem-tracer " MT_VERSION "\n");
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
