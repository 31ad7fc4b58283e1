/* clean.h: makes bytes from a module, an engine or a command line harmless to show: valid UTF-8 on one line, without
 * anything that moves a terminal's cursor or turns the reading direction of what follows.
 *
 * UTF-8: Unicode Standard 15, table 3-7; a malformed sequence becomes one U+FFFD for each of its maximal subparts. */
#ifndef MT_BASE_CLEAN_H
#define MT_BASE_CLEAN_H

#include "base/buf.h"

enum { CLEAN_NAME_LIMIT = 256 }; /* bytes that a name may take in reports and messages */

/* Appends the text to *out.  Control characters (C0, DEL, C1), line and paragraph separators, and the embeddings,
 * overrides and isolates of bidirectional text become U+FFFD.  What would take more than `limit` bytes (at least 3) is
 * cut between two characters and ends with an ellipsis, which counts.  False when the buffer refused. */
bool clean_put(struct buf *out, const char *bytes, size_t size, size_t limit);

/* Appends all of the text as it is, but for malformed sequences. */
bool clean_put_utf8(struct buf *out, const char *bytes, size_t size);

/* Whether there is none. */
bool clean_is_utf8(const char *bytes, size_t size);

#endif
