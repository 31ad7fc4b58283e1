/* The controlling thread: starts the guest's, and waits. */
#include "engine/engine.h"

#include "engine/run.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static void *guest_main(void *arg)
{
    struct run *run = arg;
    if (run_open(run) && park_install(run))
        run_program(run);
    atomic_store(&run->done, true);
    pthread_kill(run->control, SIGNAL_NEWS);
    return NULL;
}

static bool start_guest(struct run *run, struct error *err)
{
    pthread_attr_t attr;
    if (pthread_attr_init(&attr) != 0)
        return error_no_memory(err);
    int status = pthread_attr_setstacksize(&attr, GUEST_STACK + HOST_STACK);
    if (status == 0)
        status = pthread_create(&run->guest, &attr, guest_main, run);
    pthread_attr_destroy(&attr);
    return status == 0 || error_set(err, ERROR_IO, "cannot start a thread: %s", strerror(status));
}

double run_clock(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

/* Most records are 8 bytes long. */
static void show_alive(struct run *run, double seconds)
{
    uint64_t accesses = atomic_load(&run->bytes) / 8 + (run->sink.count ? run->sink.count(run->sink.records.self) : 0);
    run->options->alive(run->options->alive_self, seconds, accesses);
}

/* How long to wait for the next news, if not until `alive` is called again. */
static double time_left(const struct run *run, double attached)
{
    return run->options->timeout > 0 && attached > 0 ? run->options->timeout - (run_clock() - attached) : 3600;
}

/* Waits until the guest is done, a signal arrives or time is up.  Returns the signal, 0 for done, -1 for time. */
static int wait_for_end(struct run *run, const sigset_t *signals)
{
    bool show = run->options->alive, shown = false;
    double attached = 0, show_at = run_clock() + 1; /* when the program's own time began; when to call `alive` */
    int signal = 0;
    while (!atomic_load(&run->done)) {
        if (attached <= 0 && atomic_load(&run->attached))
            attached = run_clock();
        double wait = time_left(run, attached), show_in = show_at - run_clock();
        if (wait <= 0) {
            signal = -1;
            break;
        }
        if (show && show_in < wait)
            wait = show_in > 0 ? show_in : 0;
        struct timespec t = {(time_t)wait, (long)((wait - (double)(time_t)wait) * 1e9)};
        int got = sigtimedwait(signals, NULL, &t);
        if (got > 0 && got != SIGNAL_NEWS) {
            signal = got;
            break;
        }
        if (run_clock() < show_at)
            continue;
        show_at = run_clock() + 1;
        if (show && attached > 0) {
            show_alive(run, run_clock() - attached);
            shown = true;
        }
    }
    if (shown)
        run->options->alive(run->options->alive_self, -1, 0);
    return signal;
}

/* Takes over what the guest, which stands still, has recorded since the sink last saw something. */
static bool take_rest(struct run *run)
{
    if (!atomic_load(&run->attached) || atomic_load(&run->drained))
        return true;
    wasmtime_val_t pointer;
    wasmtime_global_get(run->context, &run->pointer, &pointer);
    uint32_t end = (uint32_t)pointer.of.i32;
    return run->sink.records.put(run->sink.records.self, run->trace + run->base, end - run->base);
}

/* The next such signal ends the process at once. */
static void end_by_next(int signal)
{
    struct sigaction standard = {.sa_handler = SIG_DFL};
    sigset_t again;
    sigemptyset(&again);
    sigaddset(&again, signal);
    sigaction(signal, &standard, NULL);
    pthread_sigmask(SIG_UNBLOCK, &again, NULL);
}

static bool end_early(struct run *run, int signal, struct error *err)
{
    park_guest(run);
    struct engine_result *result = run->result;
    double compiled = result->compile_seconds;
    *result = (struct engine_result){.compile_seconds = compiled, .signal = signal > 0 ? signal : 0, .abandoned = true};
    if (atomic_load(&run->attached))
        result->grows_refused = run_refused(run);
    strcpy(result->trap, signal > 0 ? "interrupt" : "timeout");
    return (take_rest(run) && run_detach(run)) || error_set(err, ERROR_ENGINE, "the analysis failed");
}

static const int changed_signals[] = {SIGPIPE, SIGNAL_PARK, SIGINT, SIGTERM, SIGHUP};
enum { CHANGED_SIGNALS = sizeof changed_signals / sizeof *changed_signals };

/* What signals did before the run. */
struct before {
    struct sigaction actions[CHANGED_SIGNALS];
    sigset_t mask;
};

/* Threads that are made from here on inherit the mask. */
static void take_signals(struct before *b, sigset_t *waited_for)
{
    for (size_t i = 0; i < CHANGED_SIGNALS; i++)
        sigaction(changed_signals[i], NULL, &b->actions[i]);
    signal(SIGPIPE, SIG_IGN); /* a guest's write to a closed pipe is its own error to see */
    sigemptyset(waited_for);
    sigaddset(waited_for, SIGNAL_NEWS);
    sigaddset(waited_for, SIGINT);
    sigaddset(waited_for, SIGTERM);
    sigaddset(waited_for, SIGHUP);
    pthread_sigmask(SIG_BLOCK, waited_for, &b->mask);
}

/* The guest's thread is over; its last news may have come when nobody waited any more. */
static void give_signals_back(const struct before *b)
{
    sigset_t news;
    sigemptyset(&news);
    sigaddset(&news, SIGNAL_NEWS);
    while (sigtimedwait(&news, NULL, &(struct timespec){0}) == SIGNAL_NEWS)
        ;
    for (size_t i = 0; i < CHANGED_SIGNALS; i++)
        sigaction(changed_signals[i], &b->actions[i], NULL);
    pthread_sigmask(SIG_SETMASK, &b->mask, NULL);
}

static void free_run(struct run *run)
{
    park_forget();
    sem_destroy(&run->parked);
    free(run);
}

bool engine_run(const struct engine_options *options, const struct engine_guest *guest, struct engine_result *result,
                struct error *err)
{
    /* On the heap and never freed when the guest is abandoned: its thread may still look at it. */
    struct run *run = calloc(1, sizeof *run);
    if (!run)
        return error_no_memory(err);
    *result = (struct engine_result){0};
    *run = (struct run){
        .options = options, .sink = *guest, .result = result, .err = ERROR_INIT, .control = pthread_self()};
    sem_init(&run->parked, 0, 0);
    struct before before;
    sigset_t signals;
    take_signals(&before, &signals);
    if (!start_guest(run, err)) {
        give_signals_back(&before);
        free_run(run);
        return false;
    }
    int why = wait_for_end(run, &signals);
    if (why != 0)
        end_by_next(why > 0 ? why : SIGINT);
    if (why != 0 && !atomic_load(&run->done))
        return end_early(run, why, err);
    pthread_join(run->guest, NULL);
    run_close(run);
    give_signals_back(&before);
    if (run->err.code != ERROR_NONE && err->code == ERROR_NONE)
        *err = run->err;
    free_run(run);
    return err->code == ERROR_NONE;
}
