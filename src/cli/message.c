#include "cli/message.h"

#include "base/clean.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { LINE_MAX_BYTES = 8192 }; /* a path of 4096 bytes and a message fit */

__attribute__((format(printf, 1, 2))) static void say(const char *format, ...)
{
    char text[LINE_MAX_BYTES];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    char shown[LINE_MAX_BYTES];
    struct buf line; /* memory may be what is short */
    buf_init_over(&line, shown, sizeof shown);
    clean_put(&line, text, strlen(text), LINE_MAX_BYTES);
    fprintf(stderr, "mem-tracer: %.*s\n", (int)line.size, shown);
}

void message_error(const char *input, const struct error *err)
{
    const char *colon = input ? ": " : "";
    input = input ? input : "";
    if (err->offset != ERROR_NO_OFFSET)
        say("error: %s%s%s (at offset 0x%llx)", input, colon, err->message, (unsigned long long)err->offset);
    else
        say("error: %s%s%s", input, colon, err->message);
}

void message_warning(const char *warning)
{
    say("warning: %s", warning);
}

void message_note(const char *text)
{
    say("%s", text);
}

void message_limit(const char *text)
{
    say("over the limit: %s", text);
}

void message_ended(const char *reason, bool refused)
{
    say("the program ended early: %s%s", reason, refused ? " (after --max-memory had refused it memory)" : "");
}
