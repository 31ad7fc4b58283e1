/* The command line: words, each ended by a 0 byte.  They are understood, or refused with an error that has a text. */
#include "cli/options.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

enum { WORDS_MAX = 64 };

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    char *text = malloc(size + 1), name[] = "mem-tracer", *words[WORDS_MAX + 2] = {name};
    if (!text)
        return 0;
    memcpy(text, bytes, size);
    text[size] = '\0';
    int count = 1;
    for (size_t at = 0; at < size && count <= WORDS_MAX; at += strlen(text + at) + 1)
        words[count++] = text + at;
    for (int analyze = 0; analyze < 2; analyze++) {
        struct options options;
        struct error err = ERROR_INIT;
        bool ok =
            analyze ? options_read_analyze(&options, count, words, &err) : options_read(&options, count, words, &err);
        if (ok != (err.code == ERROR_NONE) || (!ok && !*err.message))
            abort();
        options_release(&options);
    }
    free(text);
    return 0;
}
