/* A run leaves signals as it found them, whatever they were. */
#include "base/infile.h"
#include "mem_tracer.h"

#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static const int signals[] = {SIGINT, SIGTERM, SIGHUP, SIGPIPE, SIGUSR1, SIGUSR2};
enum { SIGNALS = sizeof signals / sizeof *signals };

static volatile sig_atomic_t caught[NSIG];

static void on_signal(int signal)
{
    caught[signal]++;
}

static void run_module(const char *path, bool works)
{
    struct buf module;
    struct error err = ERROR_INIT;
    buf_init(&module, SIZE_MAX / 2);
    assert_true(infile_read(path, &module, &err));
    const struct mem_tracer_options options = {.name = "m.wasm"};
    struct mem_tracer_error error;
    char *json = NULL;
    assert_int_equal(mem_tracer_run(module.data, module.size, &options, &json, &error), works);
    assert_true(!works || strstr(json, "mem-tracer.report"));
    free(json);
    buf_release(&module);
}

static void look(sigset_t *mask, struct sigaction *actions)
{
    assert_int_equal(pthread_sigmask(SIG_SETMASK, NULL, mask), 0);
    for (size_t i = 0; i < SIGNALS; i++)
        assert_int_equal(sigaction(signals[i], NULL, &actions[i]), 0);
}

static void check_unchanged(const char *path, bool works)
{
    enum { flags = SA_RESTART | SA_SIGINFO | SA_ONSTACK }; /* others are the C library's */
    sigset_t before, after;
    struct sigaction was[SIGNALS], is[SIGNALS];
    look(&before, was);
    run_module(path, works);
    look(&after, is);
    for (int signal = 1; signal < NSIG; signal++)
        assert_int_equal(sigismember(&before, signal), sigismember(&after, signal));
    for (size_t i = 0; i < SIGNALS; i++)
        assert_true(was[i].sa_handler == is[i].sa_handler && !((was[i].sa_flags ^ is[i].sa_flags) & flags));
}

static void test_mask_and_actions(void **state)
{
    (void)state;
    check_unchanged(MT_TESTS_DIR "/golden/inputs/kinds.wasm", true);
    check_unchanged(MT_TESTS_DIR "/golden/inputs/imports.wasm", false); /* it can't be linked */
    struct sigaction own = {.sa_handler = on_signal, .sa_flags = SA_RESTART};
    sigset_t two;
    sigemptyset(&two);
    sigaddset(&two, SIGTERM);
    sigaddset(&two, SIGUSR2);
    pthread_sigmask(SIG_BLOCK, &two, NULL);
    for (size_t i = 0; i < SIGNALS; i++)
        sigaction(signals[i], &own, NULL);
    for (int times = 0; times < 3; times++)
        check_unchanged(MT_TESTS_DIR "/golden/inputs/kinds.wasm", true);
    for (size_t i = 0; i < SIGNALS; i++) /* what the run sent itself does not reach the caller */
        assert_int_equal(caught[signals[i]], 0);
    raise(SIGINT);
    raise(SIGTERM);
    assert_int_equal(caught[SIGINT], 1);
    assert_int_equal(caught[SIGTERM], 0); /* blocked by the caller, still */
    pthread_sigmask(SIG_UNBLOCK, &two, NULL);
    assert_int_equal(caught[SIGTERM], 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_mask_and_actions)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
