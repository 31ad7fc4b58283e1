/* report_json.h: the JSON of a report in a file. */
#ifndef MT_CLI_REPORT_JSON_H
#define MT_CLI_REPORT_JSON_H

#include "base/error.h"

#include <jansson.h>
#include <stdint.h>

/* To be given back with json_decref.  NULL and *err when the file cannot be read, is no JSON, no report, or one of another version. */
json_t *report_json_read(const char *path, struct error *err);

/* 0 where there is no positive integer. */
uint64_t load_count(const json_t *number);
uint64_t load_number(const json_t *object, const char *key);

/* The DEFECT_… that `kind` names; DEFECT_KINDS: none. */
unsigned load_kind(const json_t *object);

#endif
