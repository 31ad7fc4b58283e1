#include "cli/words.h"

#include <stdio.h>
#include <string.h>

bool words_choose(const char *option, const char *word, const char *const *words, int *choice, struct error *err)
{
    for (int i = 0; words[i]; i++)
        if (strcmp(words[i], word) == 0) {
            *choice = i;
            return true;
        }
    char known[200] = "";
    for (size_t i = 0, used = 0; words[i] && used < sizeof known; i++)
        used += (size_t)snprintf(known + used, sizeof known - used, "%s%s", i ? ", " : "", words[i]);
    return error_set(err, ERROR_USAGE, "--%s: unknown word '%.200s'; there are: %s", option, word, known);
}
