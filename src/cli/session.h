/* session.h: joins the stations for one command. */
#ifndef MT_CLI_SESSION_H
#define MT_CLI_SESSION_H

#include "cli/options.h"

/* Instruments, runs and reports as the options ask.  Returns the exit status; *err says what failed when it is ours. */
int session_run(const struct options *options, struct error *err);

#endif
