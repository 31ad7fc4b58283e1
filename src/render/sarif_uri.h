/* sarif_uri.h: names of files as SARIF wants them: URIs, relative to one folder where they lie in it. */
#ifndef MT_RENDER_SARIF_URI_H
#define MT_RENDER_SARIF_URI_H

#include "render/output.h"

/* The name of that folder in artifact locations (SARIF 2.1.0, 3.14.14). */
#define SARIF_ROOT "SRCROOT"

/* An artifactLocation object.  `root`: the folder, absolute, or NULL where it is not known. */
void sarif_put_location(struct output *out, const char *root, const char *path);

/* The folder's own URI, which ends with a slash. */
void sarif_put_root(struct output *out, const char *root);

/* The folder that names are made relative to: the repository's that the current one is in, as code scanning wants it; without one, the current
 * one.  The caller frees it. */
char *sarif_find_root(void);

#endif
