/* Making the guest's thread stand still.
 *
 * It cannot be cancelled: it may be in compiled code without a host call for hours, or blocked in a system call.  So it
 * gets a signal whose handler never returns.  A thread that stands still inside of the allocator would lock out the
 * thread that reports; so the handler first parks only in compiled code, and the sink's caller parks by itself.  A
 * guest that is still in host code after a while is taken to be blocked in a system call, where it holds no lock. */
#include "engine/run.h"

#include <errno.h>
#include <signal.h>
#include <time.h>
#include <ucontext.h>
#include <unistd.h>

enum { TRIES = 100, TRIES_BEFORE_FORCE = 40, TRY_NANOSECONDS = 10 * 1000 * 1000 };

/* A signal handler has no argument of ours: the run that a process can have at a time. */
static struct run *_Atomic parked_run;

void park_here(struct run *run)
{
    sem_post(&run->parked);
    for (;;)
        pause();
}

static const uint8_t *program_counter(const ucontext_t *context)
{
#if defined(__x86_64__)
    return (const uint8_t *)context->uc_mcontext.gregs[REG_RIP];
#elif defined(__aarch64__)
    return (const uint8_t *)context->uc_mcontext.pc;
#else
    (void)context;
    return NULL; /* then the thread is parked by force */
#endif
}

bool run_is_compiled(const struct run *run, const void *context)
{
    const uint8_t *pc = program_counter(context);
    return pc >= run->code_start && pc < run->code_end;
}

static void on_park(int signal, siginfo_t *info, void *context)
{
    (void)signal;
    (void)info;
    struct run *run = parked_run;
    if (!run || !pthread_equal(pthread_self(), run->guest) || !atomic_load(&run->stop) || atomic_load(&run->in_sink))
        return;
    if (atomic_load(&run->force) || run_is_compiled(run, context))
        park_here(run);
}

bool park_install(struct run *run)
{
    parked_run = run;
    struct sigaction action = {.sa_sigaction = on_park, .sa_flags = SA_SIGINFO | SA_RESTART};
    sigemptyset(&action.sa_mask);
    if (sigaction(SIGNAL_PARK, &action, NULL) != 0)
        return error_set(&run->err, ERROR_IO, "cannot set a signal handler");
    return true;
}

void park_forget(void)
{
    parked_run = NULL;
}

void park_guest(struct run *run)
{
    atomic_store(&run->stop, true);
    /* Before it is attached the guest records nothing, and parks by itself when it comes so far. */
    for (int i = 0; i < TRIES && atomic_load(&run->attached) && !atomic_load(&run->done); i++) {
        if (i == TRIES_BEFORE_FORCE)
            atomic_store(&run->force, true);
        pthread_kill(run->guest, SIGNAL_PARK);
        struct timespec until;
        clock_gettime(CLOCK_REALTIME, &until);
        until.tv_nsec += TRY_NANOSECONDS;
        if (until.tv_nsec >= 1000000000) {
            until.tv_sec++;
            until.tv_nsec -= 1000000000;
        }
        while (sem_timedwait(&run->parked, &until) != 0)
            if (errno != EINTR)
                goto again;
        return;
    again:;
    }
}
