#include "cli/report_json.h"

#include "base/buf.h"
#include "base/infile.h"
#include "report/report.h"

#include <string.h>

static bool check(const json_t *json, const char *path, struct error *err)
{
    const char *schema = json_string_value(json_object_get(json, "schema"));
    if (!schema || strcmp(schema, "mem-tracer.report") != 0 || !json_is_array(json_object_get(json, "pairs")))
        return error_set(err, ERROR_IO, "'%s' is no report of --format json", path);
    if (load_number(json, "version") != REPORT_VERSION)
        return error_set(err, ERROR_IO, "'%s' is a report of another version", path);
    return true;
}

json_t *report_json_read(const char *path, struct error *err)
{
    struct buf text;
    json_error_t broken;
    buf_init(&text, SIZE_MAX);
    bool ok = infile_read(path, &text, err);
    json_t *json = ok ? json_loadb((const char *)text.data, text.size, 0, &broken) : NULL;
    buf_release(&text);
    if (ok && !json)
        error_set(err, ERROR_IO, "'%s' is no JSON: %s (at offset %d)", path, broken.text, broken.position);
    if (json && check(json, path, err))
        return json;
    json_decref(json);
    return NULL;
}

uint64_t load_count(const json_t *number)
{
    json_int_t value = json_integer_value(number);
    return value > 0 ? (uint64_t)value : 0;
}

uint64_t load_number(const json_t *object, const char *key)
{
    return load_count(json_object_get(object, key));
}

unsigned load_kind(const json_t *object)
{
    const char *word = json_string_value(json_object_get(object, "kind"));
    unsigned kind = 0;
    while (kind < DEFECT_KINDS && (!word || strcmp(word, report_kind_name(kind)) != 0))
        kind++;
    return kind;
}
