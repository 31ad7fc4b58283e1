/* Fuzz targets with allocations that fail: unit FOLDER of inputs.  For each input, each allocation in turn, alone and with all that
 * follow; what a target checks must hold, nothing may leak.  Prints how many runs there were. */
#include "fail.h"

#include <dirent.h>
#include <inttypes.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);
int __lsan_do_recoverable_leak_check(void);
void __sanitizer_set_death_callback(void (*callback)(void));

enum { ALL = 3000, STEP = 37, INPUT_MAX = 1 << 20 };

static struct {
    const char *path;
    uint64_t number, runs;
    bool later;
} now;

static void last_words(void)
{
    fprintf(stderr, "%s: allocation %" PRIu64 "%s\n", now.path, now.number, now.later ? " and all that follow" : "");
}

static void leak_check(void)
{
    if (!__lsan_do_recoverable_leak_check())
        return;
    last_words();
    exit(1);
}

static void run_all(const uint8_t *bytes, size_t size, bool each)
{
    fail_start(0, false);
    LLVMFuzzerTestOneInput(bytes, size);
    uint64_t count = fail_stop();
    for (now.number = 1; now.number <= count; now.number += now.number < ALL ? 1 : STEP)
        for (int later = 0; later < 2; later++) {
            now.later = later;
            fail_start(now.number, later);
            LLVMFuzzerTestOneInput(bytes, size);
            fail_stop();
            now.runs++;
            if (each)
                leak_check();
        }
    leak_check();
}

static void run_file(const char *path, bool each)
{
    static uint8_t room[INPUT_MAX];
    FILE *f = fopen(path, "rb");
    size_t size = f ? fread(room, 1, sizeof room, f) : 0;
    if (!f)
        exit(1);
    fclose(f);
    uint8_t *bytes = malloc(size + 1);
    if (!bytes)
        exit(1);
    memcpy(bytes, room, size);
    now.path = path;
    run_all(bytes, size, each);
    free(bytes);
}

int main(int argc, char **argv)
{
    DIR *folder = argc > 1 ? opendir(argv[1]) : NULL;
    if (!folder)
        return 1;
    __sanitizer_set_death_callback(last_words);
    for (struct dirent *e; (e = readdir(folder));) {
        char name[PATH_MAX];
        if (e->d_name[0] == '.')
            continue;
        snprintf(name, sizeof name, "%s/%s", argv[1], e->d_name);
        run_file(name, argc > 2); /* a further word: leaks are looked for after each run */
    }
    closedir(folder);
    printf("%" PRIu64 " runs\n", now.runs);
    return now.runs == 0;
}
