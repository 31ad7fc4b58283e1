/* message.h: what the command says on standard error: one line each, whatever the names and paths in it hold. */
#ifndef MT_CLI_MESSAGE_H
#define MT_CLI_MESSAGE_H

#include "base/error.h"

/* `mem-tracer: error: INPUT: MESSAGE (at offset 0x…)`; the input is NULL where the error is not about it. */
void message_error(const char *input, const struct error *err);

/* `mem-tracer: warning: …` */
void message_warning(const char *warning);

/* `mem-tracer: …`, for --verbose */
void message_note(const char *text);

/* `mem-tracer: over the limit: …`; --quiet does not silence it, for it explains the exit status. */
void message_limit(const char *text);

/* Why the program did not come to its own end. */
void message_ended(const char *reason, bool refused); /* --max-memory had refused it memory before */

#endif
