/* peak: runs a program and says on standard error, last, how much memory it had resident at most.
 *
 *     peak PROGRAM [ARGS...]
 *
 * prints `peak KIB`.  The kernel counts what a process was before exec too, so that started by Python everything would seem to
 * need Python's 20 MiB; this is small.  The exit status is the program's; 128 + n after signal n. */
#include <stdio.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

int main(int argc, char **argv)
{
    if (argc < 2)
        return 125;
    const pid_t child = fork();
    if (child == 0) {
        execv(argv[1], argv + 1);
        _exit(125);
    }
    int status = 0;
    struct rusage usage;
    if (child < 0 || wait4(child, &status, 0, &usage) != child)
        return 125;
    fprintf(stderr, "\npeak %ld\n", usage.ru_maxrss);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
