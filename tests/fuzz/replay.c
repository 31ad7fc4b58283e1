/* Runs a fuzz target on files, without a fuzzer: replay FOLDER|FILE ... */
#include <dirent.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static unsigned replay_file(const char *path)
{
    FILE *f = fopen(path, "rb");
    struct stat s;
    if (!f || fstat(fileno(f), &s) != 0) {
        perror(path);
        exit(1);
    }
    size_t size = (size_t)s.st_size;
    uint8_t *bytes = malloc(size ? size : 1); /* of just that size, so that the sanitiser sees a read behind it */
    if (!bytes || fread(bytes, 1, size, f) != size)
        exit(1);
    fclose(f);
    fprintf(stderr, "%s\n", path);
    LLVMFuzzerTestOneInput(bytes, size);
    free(bytes);
    return 1;
}

static unsigned replay_folder(const char *path)
{
    DIR *folder = opendir(path);
    if (!folder)
        return replay_file(path);
    unsigned files = 0;
    for (struct dirent *e; (e = readdir(folder));) {
        char name[PATH_MAX];
        if (e->d_name[0] == '.')
            continue;
        snprintf(name, sizeof name, "%s/%s", path, e->d_name);
        files += replay_file(name);
    }
    closedir(folder);
    return files;
}

int main(int argc, char **argv)
{
    unsigned files = 0;
    for (int i = 1; i < argc; i++)
        files += replay_folder(argv[i]);
    printf("%u inputs\n", files);
    return files == 0;
}
