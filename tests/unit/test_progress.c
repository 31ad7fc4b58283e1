/* The line at the bottom of the terminal: the number of accesses that it shows never goes down. */
#include "cli/progress.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <pty.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

static const uint64_t COUNTS[] = {0, 211600000, 163100000, 163200000, 300000000, 1};
static const char *const SHOWN[] = {"0.0", "211.6", "211.6", "211.6", "300.0", "300.0"};

enum { COUNTS_N = sizeof COUNTS / sizeof *COUNTS };

/* What progress_show writes for each of COUNTS, on a terminal of its own in the place of standard error. */
static void show_all(char *to, size_t size)
{
    int master, slave, kept = dup(STDERR_FILENO);
    struct winsize room = {.ws_row = 24, .ws_col = 120};
    assert_int_equal(openpty(&master, &slave, NULL, NULL, &room), 0);
    assert_true(kept >= 0 && dup2(slave, STDERR_FILENO) >= 0);
    struct progress p = {0};
    size_t used = 0;
    for (size_t i = 0; i < COUNTS_N; i++) {
        progress_show(&p, 1.0 + (double)i, COUNTS[i]);
    }
    dup2(kept, STDERR_FILENO);
    close(kept);
    close(slave);
    for (ssize_t n;
         (n = read(master, to + used, size - used - 1)) > 0;) /* until there is no more: the other end is closed */
        used += (size_t)n;
    close(master);
    to[used] = '\0';
}

static void test_never_down(void **state)
{
    (void)state;
    char seen[8192];
    show_all(seen, sizeof seen);
    const char *at = seen;
    for (size_t i = 0; i < COUNTS_N; i++) {
        char wanted[80];
        snprintf(wanted, sizeof wanted, "mem-tracer: %zu s, about %s million accesses,", i + 1, SHOWN[i]);
        at = strstr(at, wanted);
        assert_non_null(at);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_never_down)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
