/* lz4_pipe: compresses standard input to standard output with LZ4's frame format, or unpacks it with -d. */
#include <lz4frame.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char *read_all(size_t *size)
{
    size_t capacity = 1 << 16;
    char *data = malloc(capacity);
    *size = 0;
    for (size_t n; (n = fread(data + *size, 1, capacity - *size, stdin)) > 0;) {
        *size += n;
        if (*size == capacity)
            data = realloc(data, capacity *= 2);
    }
    return data;
}

static int unpack(const char *in, size_t size)
{
    LZ4F_dctx *context;
    LZ4F_createDecompressionContext(&context, LZ4F_VERSION);
    static char out[1 << 16];
    for (size_t at = 0; at < size;) {
        size_t taken = size - at, made = sizeof out;
        if (LZ4F_isError(LZ4F_decompress(context, out, &made, in + at, &taken, NULL)))
            return 1;
        fwrite(out, 1, made, stdout);
        at += taken;
    }
    return 0;
}

int main(int argc, char **argv)
{
    size_t size;
    char *in = read_all(&size);
    if (argc > 1 && strcmp(argv[1], "-d") == 0)
        return unpack(in, size);
    size_t bound = LZ4F_compressFrameBound(size, NULL);
    char *out = malloc(bound);
    size_t n = LZ4F_compressFrame(out, bound, in, size, NULL);
    return LZ4F_isError(n) || fwrite(out, 1, n, stdout) != n;
}
