#include "files.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int load(struct file *file)
{
    FILE *f = fopen(file->path, "rb");
    if (!f)
        return 0;
    file->bytes = malloc(1 << 22);
    file->size = file->bytes ? fread(file->bytes, 1, 1 << 22, f) : 0;
    fclose(f);
    /* exactly as large as the file, so that a read behind its end is noticed */
    uint8_t *fitting = malloc(file->size ? file->size : 1);
    if (fitting && file->size)
        memcpy(fitting, file->bytes, file->size);
    free(file->bytes);
    file->bytes = fitting;
    return fitting != NULL;
}

size_t files_visit(const char *folder, void (*visit)(const struct file *file))
{
    char path[256];
    snprintf(path, sizeof path, "%s/%s", MT_TESTS_DIR, folder);
    DIR *dir = opendir(path);
    if (!dir)
        return 0;
    size_t count = 0;
    for (struct dirent *e; (e = readdir(dir));) {
        size_t n = strlen(e->d_name);
        if (n < 5 || strcmp(e->d_name + n - 5, ".wasm") != 0)
            continue;
        struct file file = {.bytes = NULL};
        snprintf(file.path, sizeof file.path, "%s/%s", path, e->d_name);
        if (load(&file)) {
            visit(&file);
            count++;
        }
        free(file.bytes);
    }
    closedir(dir);
    return count;
}
