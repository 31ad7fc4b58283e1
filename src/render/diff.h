/* diff.h: what has changed between two reports, in a file for each form (docs/report.md "Comparing two reports"). */
#ifndef MT_RENDER_DIFF_H
#define MT_RENDER_DIFF_H

#include "render/output.h"
#include "report/diff.h"

/* `appeared`, `grew`, `shrank`, `gone` or `same`. */
const char *diff_change_name(enum diff_change change);

void render_diff_text(struct output *out, const struct report_diff *d);
void render_diff_json(struct output *out, const struct report_diff *d);
void render_diff_csv(struct output *out, const struct report_diff *d);
void render_diff_html(struct output *out, const struct report_diff *d);

/* diff_text.c: the words of a kind, by its place in match_kinds. */
struct kind_words;
const struct kind_words *diff_kind_words(unsigned kind);

#endif
