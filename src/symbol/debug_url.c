#include "symbol/debug_url.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { DATA_MAX = 0x7fffffff };

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* Of `scheme:`; 0 where there is none.  One letter is no scheme but a drive of Windows. */
static size_t scheme_size(const char *url)
{
    size_t n = 0;
    while (is_letter(url[n]) || (n && url[n] && strchr("0123456789+-.", url[n])))
        n++;
    return n > 1 && url[n] == ':' ? n : 0;
}

static bool scheme_is(const char *url, const char *scheme)
{
    size_t n = scheme_size(url);
    return n == strlen(scheme) && strncasecmp(url, scheme, n) == 0;
}

/* The URL without what the standard drops: blanks around it, and tabs and line ends anywhere.  To be freed. */
static char *trimmed(const char *url)
{
    size_t size = strlen(url), n = 0;
    while (size && (unsigned char)url[size - 1] <= ' ')
        size--;
    while (size && (unsigned char)*url <= ' ')
        url++, size--;
    char *out = malloc(size + 1);
    if (!out)
        return NULL;
    for (size_t i = 0; i < size; i++)
        if (!strchr("\t\r\n", url[i]))
            out[n++] = url[i];
    out[n] = '\0';
    return out;
}

static int hex_digit(char c)
{
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                  : -1;
}

/* The byte at *at, which then stands behind it: `%41` is one. */
static unsigned char take_byte(const char **at)
{
    const char *p = *at;
    int high = *p == '%' ? hex_digit(p[1]) : -1, low = high >= 0 ? hex_digit(p[2]) : -1;
    *at += low >= 0 ? 3 : 1;
    return (unsigned char)(low >= 0 ? 16 * high + low : *p);
}

/* Decodes a path in place.  False where it names no file: a name can hold neither a slash nor a NUL. */
static bool decode_path(char *path)
{
    char *out = path;
    for (const char *at = path; *at;) {
        const char *start = at;
        unsigned char byte = take_byte(&at);
        if (at > start + 1 && (byte == '/' || byte == '\0'))
            return false;
        *(unsigned char *)out++ = byte == '\\' && at == start + 1 ? '/' : byte;
    }
    *out = '\0';
    return true;
}

static void drop_query(char *url)
{
    url[strcspn(url, "?#")] = '\0';
}

/* What stands behind `file:` and an authority, if that is this machine; NULL if it is another. */
static char *behind_host(char *rest)
{
    bool has_host = (rest[0] == '/' || rest[0] == '\\') && (rest[1] == '/' || rest[1] == '\\');
    if (!has_host)
        return rest;
    char *host = rest + 2;
    size_t n = strcspn(host, "/\\");
    if (n == 0 || (n == 9 && strncasecmp(host, "localhost", n) == 0))
        return host + n;
    if (n == 2 && is_letter(host[0]) && (host[1] == ':' || host[1] == '|')) /* file://C:/: a drive */
        return host - 1;
    return NULL;
}

bool debug_url_local_path(const char *url, char **path)
{
    *path = NULL;
    if (!scheme_is(url, "file"))
        return true;
    char *copy = trimmed(url);
    if (!copy)
        return false;
    drop_query(copy);
    char *rest = behind_host(copy + strlen("file:"));
    if (rest && decode_path(rest) && *rest == '/') {
        bool has_drive = is_letter(rest[1]) && rest[2] == ':' && (rest[3] == '/' || !rest[3]);
        *path = strdup(rest + has_drive);
        if (!*path) {
            free(copy);
            return false;
        }
    }
    free(copy);
    return true;
}

/* A path from the module's folder; to be freed.  NULL when memory is short. */
static char *from_module(const char *module_path, const char *name)
{
    const char *slash = strrchr(module_path, '/');
    int folder = slash ? (int)(slash - module_path) + 1 : 0;
    char *path = NULL;
    if (*name == '/')
        return strdup(name);
    return asprintf(&path, "%.*s%s", folder, module_path, name) < 0 ? NULL : path;
}

static bool lead_nowhere(struct debug_url *out, const char *fault)
{
    out->kind = DEBUG_URL_NOWHERE;
    out->fault = fault;
    return true;
}

/* `name`, with its percent signs, counts from the module's folder. */
static bool lead_to_file(struct debug_url *out, char *name, const char *module_path)
{
    out->kind = DEBUG_URL_FILE;
    size_t n;
    if (!decode_path(name) || (n = strlen(name)) == 0 || name[n - 1] == '/')
        return lead_nowhere(out, "which names no file");
    if (!module_path)
        return true;
    out->path = from_module(module_path, name);
    return out->path != NULL;
}

static int base64_digit(char c)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const char *at = c ? strchr(digits, c) : NULL;
    return at ? (int)(at - digits) : -1;
}

/* In place: Infra Standard, "forgiving-base64 decode".  False where it is none. */
static bool decode_base64(struct buf *b)
{
    size_t digits = 0, size = 0, ends = 0;
    uint32_t bits = 0;
    for (size_t i = 0; i < b->size; i++) {
        char c = (char)b->data[i];
        int digit = base64_digit(c);
        if (c && strchr(" \t\r\n\f", c))
            continue;
        if (c == '=' ? ++ends > 2 : digit < 0 || ends)
            return false;
        if (c == '=')
            continue;
        bits = bits << 6 | (uint32_t)digit;
        if (++digits % 4 != 1)
            b->data[size++] = (uint8_t)(bits >> (6 - 2 * ((digits - 1) % 4)));
    }
    b->size = size;
    return digits % 4 != 1 && (ends == 0 || (digits + ends) % 4 == 0);
}

static bool is_base64(const char *type, size_t size)
{
    static const char word[] = "base64";
    size_t n = sizeof word - 1;
    if (size <= n || strncasecmp(type + size - n, word, n) != 0)
        return false;
    size -= n;
    while (size && type[size - 1] == ' ')
        size--;
    return size && type[size - 1] == ';';
}

static bool read_data(struct debug_url *out, char *url)
{
    char *type = url + strlen("data:"), *comma = strchr(type, ',');
    url[strcspn(url, "#")] = '\0';
    out->kind = DEBUG_URL_DATA;
    if (!comma || comma > url + strlen(url))
        return lead_nowhere(out, "a data: URL without data");
    for (const char *at = comma + 1; *at;)
        if (!buf_put_u8(&out->data, (uint8_t)take_byte(&at)))
            return false;
    if (is_base64(type, (size_t)(comma - type)) && !decode_base64(&out->data))
        return lead_nowhere(out, "a data: URL whose base64 is malformed");
    return true;
}

static bool read_file_url(struct debug_url *out, char *url, const char *module_path)
{
    drop_query(url);
    char *rest = behind_host(url + strlen("file:"));
    return rest ? lead_to_file(out, rest, module_path) : lead_nowhere(out, "which leads to another machine");
}

/* A file's name, or a URL that counts from the module's. */
static bool read_relative(struct debug_url *out, char *url, const char *module_path)
{
    char *plain = module_path ? from_module(module_path, url) : NULL;
    drop_query(url);
    if ((module_path && !plain) || !lead_to_file(out, url, module_path)) {
        free(plain);
        return false;
    }
    if (out->path && plain && strcmp(plain, out->path) != 0)
        out->plain_path = plain;
    else
        free(plain);
    return true;
}

static bool read_trimmed(struct debug_url *out, char *url, const char *module_path)
{
    if (scheme_is(url, "data"))
        return read_data(out, url);
    if (scheme_is(url, "file"))
        return read_file_url(out, url, module_path);
    size_t scheme = scheme_size(url);
    bool has_host = strncmp(url + scheme + (scheme > 0), "//", 2) == 0;
    if (!scheme && !has_host)
        return read_relative(out, url, module_path);
    drop_query(url);
    char *rest = url + scheme + (scheme > 0);
    if (has_host)
        rest += 2 + strcspn(rest + 2, "/");
    char *slash = strrchr(rest, '/');
    return lead_to_file(out, slash ? slash + 1 : rest, module_path);
}

bool debug_url_read(struct debug_url *out, const char *url, const char *module_path)
{
    *out = (struct debug_url){.kind = DEBUG_URL_NOWHERE};
    buf_init(&out->data, DATA_MAX);
    char *copy = trimmed(url);
    bool ok = copy && read_trimmed(out, copy, module_path);
    free(copy);
    return ok;
}

void debug_url_release(struct debug_url *u)
{
    buf_release(&u->data);
    free(u->path);
    free(u->plain_path);
}
