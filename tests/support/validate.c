/* validate: the engine's word on modules: `validate FILE...` prints `valid` or `invalid`, a line each. */
#include "../fuzz/valid.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

static int judge(const char *path)
{
    FILE *f = fopen(path, "rb");
    struct stat s;
    if (!f || fstat(fileno(f), &s) != 0)
        return -1;
    size_t size = (size_t)s.st_size;
    uint8_t *bytes = malloc(size + 1);
    int verdict = bytes && fread(bytes, 1, size, f) == size ? is_valid(bytes, size) : -1;
    free(bytes);
    fclose(f);
    return verdict;
}

int main(int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        int verdict = judge(argv[i]);
        if (verdict < 0) {
            perror(argv[i]);
            return 1;
        }
        puts(verdict ? "valid" : "invalid");
    }
    return 0;
}
