/* debug_url.h: where the URL leads by which a module names its debug information (sections `sourceMappingURL` of ECMA-426 and
 * `external_debug_info`), as far as that can be told without a network.
 *
 * URLs: WHATWG URL Standard, sections 4.1 and 4.4, with the module's own place as the base.  data: URLs: Fetch Standard, "data: URLs". */
#ifndef MT_SYMBOL_DEBUG_URL_H
#define MT_SYMBOL_DEBUG_URL_H

#include "base/buf.h"

enum debug_url_kind { DEBUG_URL_DATA, DEBUG_URL_FILE, DEBUG_URL_NOWHERE };

struct debug_url {
    enum debug_url_kind kind;
    struct buf data;   /* what a data: URL holds */
    char *path;        /* of a file; NULL: the caller has no module_path that it could count from */
    char *plain_path;  /* the same if the URL is just a file's name, where that is another; else NULL */
    const char *fault; /* why it leads nowhere, a literal */
};

/* A URL that leads elsewhere (http: and others) is that of a file of this name beside the module, as a server has it.  A file: URL
 * never is: it names one file.  module_path: NULL where no file is to be looked for.  False when memory is short; *out is to be
 * released in any case. */
bool debug_url_read(struct debug_url *out, const char *url, const char *module_path);
void debug_url_release(struct debug_url *u);

/* The path of a file: URL of this machine, to be freed; *path is NULL for all else.  False when memory is short. */
bool debug_url_local_path(const char *url, char **path);

#endif
