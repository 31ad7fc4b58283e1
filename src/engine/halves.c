/* The host's side of a program that runs in halves (trace/halves.h): turns, and calls of WASI that only one run makes. */
#include "engine/run.h"

#include "trace/record.h"

enum { TURNS_MAX = 0x7fffffff }; /* that code is given at a time */

/* What is given next, of those that are left until something happens. */
static uint32_t give(struct run *run, bool keeps)
{
    uint64_t n = run->turns_left < TURNS_MAX ? run->turns_left : TURNS_MAX;
    if (keeps && n > run->marks.step)
        n = run->marks.step;
    run->turns_left -= n;
    run->turns_given += n;
    return (uint32_t)n;
}

bool run_set_turns(struct run *run)
{
    if (!run->options->halves)
        return true;
    bool kept = run->part != RUN_SECOND;
    run->turns_left = run->part == RUN_WHOLE ? UINT64_MAX : run->options->turns;
    turn_marks_begin(&run->marks, run_clock());
    return run_set_global(run, GUEST_KEEPS, kept) && run_set_global(run, GUEST_TURNS, give(run, kept));
}

uint64_t run_middle(const struct run *run)
{
    if (!run->options->halves)
        return 0;
    if (run->part == RUN_SECOND && !run->keeps) /* this time the program was over before */
        return run->options->turns;
    if (run->part == RUN_WHOLE)
        return turn_marks_middle(&run->marks, run->ended, NULL, 0, 0);
    return turn_marks_middle(&run->other->marks, run->other->ended, &run->marks, run->ended, run->options->turns);
}

static uint64_t memory_size(struct run *run)
{
    return wasmtime_memory_data_size(run->context, &run->own_memory);
}

static uint8_t *memory(struct run *run)
{
    return wasmtime_memory_data(run->context, &run->own_memory);
}

/* Of all memory: four sums that do not wait for each other. */
static uint64_t checksum(const uint8_t *bytes, uint64_t size)
{
    uint64_t sums[4] = {0};
    for (uint64_t i = 0; i + 32 <= size; i += 32)
        for (unsigned lane = 0; lane < 4; lane++)
            sums[lane] = (sums[lane] ^ record_u64(bytes + i + 8 * lane)) * UINT64_C(0x9e3779b97f4a7c15);
    return sums[0] ^ sums[1] << 1 ^ sums[2] << 2 ^ sums[3] << 3;
}

/* What one run did was not what the other one did, so that what they have seen does not fit together. */
static wasm_trap_t *differ(struct run *run)
{
    error_set(&run->err, ERROR_ENGINE,
              "the program did not do the same when it ran twice at the same time (--second-from 0 runs it once)");
    return wasmtime_trap_new("the runs differ", 15);
}

/* The first run's part is over if the second one sees to the rest. */
static wasm_trap_t *end_part(struct run *run)
{
    uint64_t sum = 0;
    enum replay_state state = replay_wait(run->replay, &sum);
    if (state == REPLAY_REFUSED)
        return NULL;
    run->over = true;
    if (state == REPLAY_TAKEN && sum != checksum(memory(run), memory_size(run)))
        return differ(run);
    return wasmtime_trap_new("the other run goes on", 21);
}

wasm_trap_t *run_turn(struct run *run, uint32_t *argument)
{
    bool keeps = run->part != RUN_SECOND || run->keeps;
    if (!run->turns_left && run->part == RUN_FIRST) {
        wasm_trap_t *end = end_part(run);
        if (end)
            return end;
        run->turns_left = UINT64_MAX;
    } else if (!run->turns_left && run->part == RUN_SECOND) {
        keeps = run->keeps = run->sink.take_over(run->sink.records.self, memory(run), memory_size(run));
        replay_become(run->replay, keeps ? REPLAY_TAKEN : REPLAY_REFUSED,
                      keeps ? checksum(memory(run), memory_size(run)) : 0);
        run->turns_left = UINT64_MAX;
        turn_marks_begin(&run->marks, run_clock());
    }
    if (keeps)
        turn_marks_add(&run->marks, run->turns_given, run_clock());
    *argument = give(run, keeps) << 1 | keeps;
    return NULL;
}

wasm_trap_t *run_ask(struct run *run, uint32_t *argument)
{
    run->asked = *argument;
    *argument = 0;
    if (run->part != RUN_FIRST)
        return NULL;
    uint32_t result = 0;
    switch (replay_take(run->replay, run->asked, memory(run), memory_size(run), &result)) {
    case REPLAY_WRONG:
        return differ(run);
    case REPLAY_NONE: /* the other one was stopped on its way, or is over for a reason that comes here, too */
        return wasmtime_trap_new("the other run has ended", 23);
    default:
        *argument = result << 1 | 1;
        return NULL;
    }
}

void run_tell(struct run *run, uint32_t result)
{
    if (run->part == RUN_SECOND && !run->keeps)
        replay_returned(run->replay, run->asked, result);
}

void run_keep_writes(struct run *run, const uint8_t *records, size_t size)
{
    for (const uint8_t *at = records; at < records + size; at += record_size(record_u32(at)))
        if (record_site(record_u32(at)) == SITE_HOST_WRITE) {
            uint64_t address = record_u64(at + 8), length = record_u64(at + 16);
            replay_wrote(run->replay, address, memory(run) + address, length);
        }
}
