#include "render/sarif_uri.h"

#include "base/buf.h"
#include "base/path.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The path with slashes of one kind, and without `.` and `..` (RFC 3986, 5.2.4), which SARIF does not want. */
static void put_plain(struct buf *b, const char *path)
{
    bool windows = path_is_windows(path);
    size_t root = strspn(path, windows ? "/\\" : "/");
    for (size_t i = 0; i < root && i < 2; i++)
        buf_put_u8(b, '/');
    root = b->size;
    for (path += strspn(path, windows ? "/\\" : "/"); *path;) {
        size_t n = strcspn(path, windows ? "/\\" : "/");
        bool up = n == 2 && strncmp(path, "..", 2) == 0, here = n == 1 && *path == '.';
        size_t last = b->size;
        while (last > root && b->data[last - 1] != '/')
            last--;
        bool above = b->size - last == 2 && memcmp(b->data + last, "..", 2) == 0;
        if (up && b->size > root && !above) {
            b->size = last > root ? last - 1 : root;
        } else if (!here && !(up && root)) {
            if (b->size > root)
                buf_put_u8(b, '/');
            buf_put(b, path, n);
        }
        path += n;
        path += strspn(path, windows ? "/\\" : "/");
    }
    buf_put_u8(b, '\0');
}

/* The bytes that stand for themselves in a path (RFC 3986, 3.3), but for those that some readers take for something else. */
static void put_encoded(struct output *out, const char *path)
{
    for (; *path; path++) {
        unsigned char byte = (unsigned char)*path;
        bool plain = (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || (byte >= '0' && byte <= '9') ||
                     strchr("/-._~", byte);
        if (plain)
            output_put(out, path, 1);
        else
            output_printf(out, "%%%02X", byte);
    }
}

/* What is absolute: a path of this system, a drive's, a server's. */
static void put_absolute(struct output *out, const char *plain, bool windows)
{
    output_text(out, "file://");
    if (windows && plain[0] != '/') {
        output_printf(out, "/%c:", plain[0]);
        plain += 2;
    } else if (windows) {
        plain += 2;
    }
    put_encoded(out, plain);
}

void sarif_put_location(struct output *out, const char *root, const char *path)
{
    struct buf plain;
    buf_init(&plain, SIZE_MAX / 2);
    put_plain(&plain, path);
    output_text(out, "{\"uri\": \"");
    if (plain.failed) {
        out->number = ENOMEM;
    } else {
        const char *text = (const char *)plain.data;
        size_t n = root ? strlen(root) : 0;
        bool inside = n && path_is_in(text, root) && text[n] == '/', absolute = path_is_absolute(path) && !inside;
        if (absolute)
            put_absolute(out, text, path[0] != '/');
        else
            put_encoded(out, inside ? text + n + 1 : text);
        output_text(out, absolute || !root ? "\"" : "\", \"uriBaseId\": \"" SARIF_ROOT "\"");
    }
    output_text(out, "}");
    buf_release(&plain);
}

void sarif_put_root(struct output *out, const char *root)
{
    output_text(out, "\"");
    put_absolute(out, root, false);
    output_text(out, root[strlen(root) - 1] == '/' ? "\"" : "/\"");
}

char *sarif_find_root(void)
{
    /* NOLINTNEXTLINE(clang-analyzer-unix.StdCLibraryFunctions): NULL has glibc and musl allocate */
    char *here = getcwd(NULL, 0);
    for (size_t size = here ? strlen(here) : 0; size > 0; size--) {
        char *mark;
        if ((here[size] && here[size] != '/') || asprintf(&mark, "%.*s/.git", (int)size, here) < 0)
            continue;
        bool found = access(mark, F_OK) == 0;
        free(mark);
        if (found) {
            here[size] = '\0';
            break;
        }
    }
    return here;
}
