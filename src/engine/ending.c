/* From the engine's errors and traps to the words of the report (docs/report.md, `trap`). */
#include "engine/run.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct {
    uint8_t code;
    const char *words;
} trap_words[] = {
    {WASMTIME_TRAP_CODE_STACK_OVERFLOW, "call stack exhausted"},
    {WASMTIME_TRAP_CODE_MEMORY_OUT_OF_BOUNDS, "out of bounds memory access"},
    {WASMTIME_TRAP_CODE_HEAP_MISALIGNED, "unaligned atomic"},
    {WASMTIME_TRAP_CODE_TABLE_OUT_OF_BOUNDS, "out of bounds table access"},
    {WASMTIME_TRAP_CODE_BAD_SIGNATURE, "indirect call type mismatch"},
    {WASMTIME_TRAP_CODE_INTEGER_OVERFLOW, "integer overflow"},
    {WASMTIME_TRAP_CODE_INTEGER_DIVISION_BY_ZERO, "integer divide by zero"},
    {WASMTIME_TRAP_CODE_BAD_CONVERSION_TO_INTEGER, "invalid conversion to integer"},
    {WASMTIME_TRAP_CODE_UNREACHABLE_CODE_REACHED, "unreachable"},
    {WASMTIME_TRAP_CODE_NULL_REFERENCE, "null reference"},
};

/* One line of a message: the last cause, which wasmtime prints behind its context and the wasm backtrace. */
static void pick_line(const wasm_byte_vec_t *message, char *out, size_t size)
{
    char text[2048];
    size_t n = message->size < sizeof text - 1 ? message->size : sizeof text - 1;
    memcpy(text, message->data, n);
    text[n] = '\0';
    char *cause = strstr(text, "Caused by:\n");
    const char *line = text;
    if (cause) {
        line = cause + strlen("Caused by:\n");
        char *last = strstr(cause, "wasm trap: ");
        if (last)
            line = last;
    }
    line += strspn(line, " 0123456789:");
    if (strncmp(line, "wasm trap: ", 11) == 0)
        line += 11;
    snprintf(out, size, "%.*s", (int)strcspn(line, "\n"), line);
}

/* wasmtime tells of the address in the message only: `memory fault at wasm address 0x… in linear memory of size 0x…`. */
static void read_address(const char *message, size_t size, struct engine_trap *where)
{
    static const char before[] = "memory fault at wasm address ", between[] = " in linear memory of size ";
    char *text = strndup(message, size), *end, *at = text ? strstr(text, before) : NULL;
    if (at) {
        where->address = strtoull(at + strlen(before), &end, 16);
        where->has_address = strncmp(end, between, strlen(between)) == 0;
        if (where->has_address)
            where->memory_size = strtoull(end + strlen(between), NULL, 16);
    }
    free(text);
}

/* What instrumented code said before it trapped (guest.h). */
static void read_outside(const struct run *run, struct engine_trap *where)
{
    const uint8_t *said = run->trace + GUEST_OUTSIDE_AT;
    uint32_t is_said = 0;
    memcpy(&is_said, said + 16, sizeof is_said);
    if (is_said != 1)
        return;
    where->has_address = true;
    memcpy(&where->address, said, sizeof where->address);
    memcpy(&where->memory_size, said + 8, sizeof where->memory_size);
}

static void read_frames(const wasm_trap_t *trap, struct engine_trap *where)
{
    wasm_frame_vec_t frames;
    wasm_trap_trace(trap, &frames);
    for (size_t i = 0; i < frames.size && i < TRAP_CALLS_MAX; i++)
        where->frames[where->frame_count++] =
            (struct engine_frame){wasm_frame_func_index(frames.data[i]), wasm_frame_func_offset(frames.data[i]),
                                  wasm_frame_module_offset(frames.data[i])};
    wasm_frame_vec_delete(&frames);
}

static void trap_ending(struct run *run, const wasm_trap_t *trap)
{
    char *out = run->result->trap;
    size_t size = sizeof run->result->trap;
    struct engine_trap *where = &run->result->where;
    read_frames(trap, where);
    if (where->frame_count) {
        run->trapped = true;
        run->trap = (struct guest_trap){where->frames->func, where->frames->offset};
    }
    wasm_byte_vec_t message;
    wasm_trap_message(trap, &message);
    wasmtime_trap_code_t code;
    size_t words = sizeof trap_words / sizeof *trap_words, i = wasmtime_trap_code(trap, &code) ? 0 : words;
    while (i < words && trap_words[i].code != code)
        i++;
    if (i < words)
        snprintf(out, size, "%s", trap_words[i].words);
    else
        pick_line(&message, out, size);
    read_address(message.data, message.size, where);
    if (where->has_address)
        where->address -= run->before_missing;
    if (atomic_load(&run->attached))
        read_outside(run, where);
    wasm_byte_vec_delete(&message);
}

static void error_ending(struct run *run, const wasmtime_error_t *error)
{
    struct engine_result *result = run->result;
    int status;
    if (wasmtime_error_exit_status(error, &status)) {
        result->has_exit_code = true;
        result->exit_code = (uint32_t)status;
        return;
    }
    wasm_byte_vec_t message;
    wasmtime_error_message(error, &message);
    pick_line(&message, result->trap, sizeof result->trap);
    wasm_byte_vec_delete(&message);
    if (strstr(result->trap, "invalid exit status"))
        strcpy(result->trap, "invalid exit status");
}

void run_ending(struct run *run, wasmtime_error_t *error, wasm_trap_t *trap)
{
    if (wasmtime_context_has_exception(run->context))
        strcpy(run->result->trap, "uncaught exception");
    else if (trap)
        trap_ending(run, trap);
    else
        error_ending(run, error);
    if (trap)
        wasm_trap_delete(trap);
    if (error)
        wasmtime_error_delete(error);
}

bool run_engine_error(struct run *run, const char *what, wasmtime_error_t *error, wasm_trap_t *trap)
{
    wasm_byte_vec_t message;
    if (error)
        wasmtime_error_message(error, &message);
    else
        wasm_trap_message(trap, &message);
    char text[400];
    size_t n = 0; /* causes stand on lines of their own: put them into one */
    for (size_t i = 0; i < message.size && n < sizeof text - 3; i++) {
        char c = message.data[i];
        if (c == '\n') {
            while (i + 1 < message.size && (message.data[i + 1] == '\n' || message.data[i + 1] == ' '))
                i++;
            if (n && text[n - 1] != ':')
                text[n++] = ':';
            c = ' ';
        }
        if (c < ' ' && c >= 0)
            c = '?';
        text[n++] = c;
    }
    while (n && (text[n - 1] == ' ' || text[n - 1] == ':' || text[n - 1] == '\0'))
        n--;
    text[n] = '\0';
    error_set(&run->err, ERROR_ENGINE, "%s: %s", what, text);
    wasm_byte_vec_delete(&message);
    if (trap)
        wasm_trap_delete(trap);
    if (error)
        wasmtime_error_delete(error);
    return false;
}
