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

static void be_done(struct run *run)
{
    atomic_store(&run->done, true);
    pthread_kill(run->control, SIGNAL_NEWS);
}

/* Two runs leave no processor to the threads of their analyses, for which they wait now and then: so these, which are started later, are to go first
 * when they wake up. */
static void be_polite(void)
{
    const struct sched_param none = {0};
    sched_setscheduler(0, SCHED_BATCH | SCHED_RESET_ON_FORK, &none); /* of this thread alone; a wish */
}

/* A program that runs in halves: the first run's thread. */
static void *first_main(void *arg)
{
    struct run *run = arg;
    be_polite();
    if (run_open_again(run, run->other) && park_install(run))
        run_program(run);
    replay_abandon(run->replay);
    be_done(run);
    return NULL;
}

static bool start_thread(struct run *run, void *(*main)(void *), struct error *err);

/* Starts the first run.  If it cannot be, memory or the system's limits do not suffice for two, perhaps, but for one: this is it then. */
static void launch_first(struct run *run)
{
    struct run *first = run->other;
    struct error ignored = ERROR_INIT;
    bool started = start_thread(first, first_main, &ignored);
    while (started && !atomic_load(&first->attached) && !atomic_load(&first->done))
        nanosleep(&(struct timespec){.tv_nsec = 100000}, NULL);
    if (started && first->err.code == ERROR_NONE) {
        atomic_store(&first->launched, true);
        be_polite();
        return;
    }
    if (started)
        pthread_join(first->guest, NULL);
    run_close(first);
    run->part = RUN_WHOLE;
}

/* The only run's thread, or the second one's, which starts the first's. */
static void *guest_main(void *arg)
{
    struct run *run = arg;
    bool ok = run_open(run) && park_install(run);
    if (ok && run->part == RUN_SECOND)
        launch_first(run);
    if (ok)
        run_program(run);
    if (run->part == RUN_SECOND) /* whatever kept it from its part, the first is not to wait */
        replay_end(run->replay);
    be_done(run);
    return NULL;
}

static bool start_thread(struct run *run, void *(*main)(void *), struct error *err)
{
    pthread_attr_t attr;
    if (pthread_attr_init(&attr) != 0)
        return error_no_memory(err);
    int status = pthread_attr_setstacksize(&attr, GUEST_STACK + HOST_STACK);
    if (status == 0)
        status = pthread_create(&run->guest, &attr, main, run);
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
static uint64_t accesses_of(struct run *run)
{
    return atomic_load(&run->bytes) / 8 + (run->sink.count ? run->sink.count(run->sink.records.self) : 0);
}

static struct run *first_of(struct run *run)
{
    return run->part == RUN_SECOND && atomic_load(&run->other->launched) ? run->other : NULL;
}

static void show_alive(struct run *run, double seconds)
{
    struct run *first = first_of(run);
    uint64_t accesses = accesses_of(run) + (first && atomic_load(&first->attached) ? accesses_of(first) : 0);
    run->options->alive(run->options->alive_self, seconds, accesses);
}

static bool all_done(struct run *run)
{
    if (!atomic_load(&run->done))
        return false;
    struct run *first = first_of(run);
    return !first || atomic_load(&first->done);
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
    while (!all_done(run)) {
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
    bool unseen = run->part == RUN_SECOND && !run->keeps; /* nobody analyses that */
    if (!atomic_load(&run->attached) || atomic_load(&run->drained) || unseen)
        return true;
    wasmtime_val_t pointer;
    wasmtime_global_get(run->context, &run->pointer, &pointer);
    uint32_t end = (uint32_t)pointer.of.i32;
    return run->sink.records.put(run->sink.records.self, run->trace + run->base, end - run->base);
}

/* Lets a run that stands still, or is over, be looked at for the last time. */
static bool end_run(struct run *run)
{
    return atomic_load(&run->done) || (take_rest(run) && run_detach(run));
}

/* Of two runs, both over or standing still, the first one's planes say what the second's part began with. */
static bool join_runs(struct run *run, bool whole)
{
    return !first_of(run) || run->sink.join(run->sink.records.self, whole);
}

/* Waits for a run that is nearly over; whether it is. */
static bool is_soon_done(struct run *run)
{
    enum { TRIES = 100, TRY_NANOSECONDS = 10 * 1000 * 1000 };
    for (int i = 0; i < TRIES && !atomic_load(&run->done); i++)
        nanosleep(&(struct timespec){.tv_nsec = TRY_NANOSECONDS}, NULL);
    return atomic_load(&run->done);
}

/* The second run stands still.  If its part had begun, or it is over, the first goes on to that point for a while.  If that is too far, or there is no
 * such point, what the first has seen is all there is: a report of the beginning that is true. */
static bool end_first(struct run *run)
{
    struct run *first = first_of(run);
    if (!first)
        return true;
    bool whole = (run->keeps || atomic_load(&run->done)) && is_soon_done(first);
    if (!whole) {
        replay_end(run->replay);
        park_guest(first);
    }
    return end_run(first) && first->err.code == ERROR_NONE && join_runs(run, whole);
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
    if (!atomic_load(&run->done))
        park_guest(run);
    struct engine_result *result = run->result;
    double compiled = result->compile_seconds;
    *result = (struct engine_result){.compile_seconds = compiled, .signal = signal > 0 ? signal : 0, .abandoned = true};
    if (atomic_load(&run->attached))
        result->grows_refused = run_refused(run);
    strcpy(result->trap, signal > 0 ? "interrupt" : "timeout");
    return (end_run(run) && end_first(run)) || error_set(err, ERROR_ENGINE, "the analysis failed");
}

/* Makes two runs of one; false when memory is short. */
static bool add_first(struct run *second, const struct engine_guest *guest)
{
    struct run *first = calloc(1, sizeof *first);
    second->other = first;
    second->replay = replay_new();
    if (!first || !second->replay)
        return false;
    *first = (struct run){.options = second->options,
                          .part = RUN_FIRST,
                          .other = second,
                          .replay = second->replay,
                          .sink = *guest,
                          .err = ERROR_INIT,
                          .control = second->control};
    first->result = &first->own_result;
    sem_init(&first->parked, 0, 0);
    second->part = RUN_SECOND;
    return true;
}

/* And its first one. */
static void free_run(struct run *run)
{
    park_forget();
    replay_free(run->replay);
    if (run->other)
        sem_destroy(&run->other->parked);
    free(run->other);
    sem_destroy(&run->parked);
    free(run);
}

/* The program is over by itself. */
static void finish(struct run *run, struct error *err)
{
    struct run *first = first_of(run);
    pthread_join(run->guest, NULL);
    if (first) {
        pthread_join(first->guest, NULL);
        if (run->err.code == ERROR_NONE)
            run->err = first->err;
        if (run->err.code == ERROR_NONE && run->keeps && !first->over)
            error_set(&run->err, ERROR_ENGINE,
                      "the program ended early when it ran twice at the same time (--second-from 0 runs it once)");
        if (run->err.code == ERROR_NONE && !join_runs(run, true))
            error_set(&run->err, ERROR_ENGINE, "the analysis failed");
        double ended = first->ended > run->ended ? first->ended : run->ended;
        run->result->run_seconds = ended - run->began;
        run_close(first);
    }
    run->result->middle = run_middle(run);
    run_close(run);
    if (run->err.code != ERROR_NONE && err->code == ERROR_NONE)
        *err = run->err;
}

bool engine_run(const struct engine_options *options, const struct engine_guest *guest,
                const struct engine_guest *second, struct engine_result *result, struct error *err)
{
    /* On the heap and never freed when the guest is abandoned: its thread may still look at it. */
    struct run *run = calloc(1, sizeof *run);
    if (!run)
        return error_no_memory(err);
    *result = (struct engine_result){0};
    *run = (struct run){
        .options = options, .sink = *guest, .result = result, .err = ERROR_INIT, .control = pthread_self()};
    sem_init(&run->parked, 0, 0);
    if (second) {
        run->sink = *second;
        if (!add_first(run, guest)) {
            free_run(run);
            return error_no_memory(err);
        }
    }
    signal(SIGPIPE, SIG_IGN); /* a guest's write to a closed pipe is its own error to see */
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGNAL_NEWS);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGHUP);
    pthread_sigmask(SIG_BLOCK, &signals, NULL); /* before any thread exists, so that all inherit it */
    if (!start_thread(run, guest_main, err)) {
        free_run(run);
        return false;
    }
    int why = wait_for_end(run, &signals);
    if (why != 0)
        end_by_next(why > 0 ? why : SIGINT);
    if (why != 0 && !all_done(run))
        return end_early(run, why, err);
    finish(run, err);
    free_run(run);
    return err->code == ERROR_NONE;
}
