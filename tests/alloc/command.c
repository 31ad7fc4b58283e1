/* The command with allocations that fail: command ARGS...
 *
 * Each line on standard input, `NUMBER MODE OUT ERR`, starts the command once in a process of its own, with its output and messages
 * in these files.  Mode `one`: the allocation with this number fails; `later`: and all behind it; `log`: none does, and the
 * file `log` gets a line for each (fail.h).  The answer is a line `STATUS COUNT FRAMES...`: the wait status of the process, how many
 * allocations it made (0 where it could not say), and where the one failed. */
#include "fail.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

void __sanitizer_symbolize_pc(void *pc, const char *format, char *text, size_t size);
int command_main(int argc, char **argv); /* main of src/cli/main.c */

struct shared { /* with the child */
    uint64_t count;
    int frame_count;
    void *frames[FAIL_FRAMES];
};

static void redirect(const char *path, int fd)
{
    int file = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0666);
    if (file < 0 || dup2(file, fd) < 0)
        _exit(99);
    close(file);
}

static struct shared *shared;

/* However the process ends, as long as it does so by itself. */
static void leave_word(void)
{
    shared->count = fail_stop();
    shared->frame_count = fail_place(shared->frames);
    fail_log(NULL);
}

static int child(int argc, char **argv, uint64_t number, const char *mode)
{
    FILE *log = strcmp(mode, "log") == 0 ? fopen("log", "w") : NULL;
    atexit(leave_word);
    fail_log(log);
    fail_start(log ? 0 : number, strcmp(mode, "later") == 0);
    int status = command_main(argc, argv);
    leave_word();
    if (log)
        fclose(log);
    return status;
}

static void print_frames(void)
{
    for (int i = 0; i < shared->frame_count; i++) {
        char text[200];
        __sanitizer_symbolize_pc((char *)shared->frames[i] - 1, "%f:%S", text, sizeof text);
        char *slash = strstr(text, "/src/");
        char *colon = strchr(text, ':');
        if (!slash || !colon)
            break;
        printf(" %.*s:%s", (int)(colon - text), text, slash + 5);
    }
}

int main(int argc, char **argv)
{
    uint64_t number;
    char mode[16], out[256], err[256], line[700];
    shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (shared == MAP_FAILED)
        return 1;
    while (fgets(line, sizeof line, stdin) &&
           sscanf(line, "%" SCNu64 " %15s %255s %255s", &number, mode, out, err) == 4) {
        memset(shared, 0, sizeof *shared);
        fflush(NULL);
        pid_t pid = fork();
        if (pid == 0) {
            redirect(out, STDOUT_FILENO);
            redirect(err, STDERR_FILENO);
            redirect("/dev/null", STDIN_FILENO);
            return child(argc, argv, number, mode);
        }
        int status = -1;
        waitpid(pid, &status, 0);
        printf("%d %" PRIu64, status, shared->count);
        print_frames();
        printf("\n");
        fflush(stdout);
    }
    return 0;
}
