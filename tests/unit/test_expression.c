/* Regular expressions that fill the machine are refused, others are not. */
#include "cli/expression.h"

#include <regex.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static bool accepts(const char *word, const char *words)
{
    struct error err = ERROR_INIT;
    bool ok = expression_check("ignore", word, &err);
    assert_true(ok == (err.code == ERROR_NONE));
    assert_true(ok || (err.code == ERROR_USAGE && words && strstr(err.message, words)));
    return ok;
}

static void test_accepted(void **state)
{
    (void)state;
    static const char *const words[] = {"^std::",     "malloc|calloc|free",
                                        "a+b+c+d+",   "[[:alpha:]]+[0-9]{1,20}",
                                        "(ab?){3}+",  "[]+{9999}]",
                                        "[^]{9999}]", "\\{9999}\\+\\+\\+\\+",
                                        "a{60}{60}",  "(a{60}|b){60}",
                                        "[[.+.]]",    "((((((((a+)+)+)+)+)+)+))",
                                        "a{0}",       "a{,5}",
                                        "a{,4000}",   ".*operator\\(\\)",
                                        "",           "|",
                                        "(a*b)*",     "([a-z0-9_]+::)*main$",
                                        "^(a|b)+",    "(a?b?c?)x",
                                        "(^a|b$)+",   ")+",
                                        "\\w*|a)"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        assert_true(accepts(words[i], NULL));
    char *long_one = malloc(EXPRESSION_MAX + 2);
    assert_non_null(long_one);
    memset(long_one, 'a', EXPRESSION_MAX + 1);
    long_one[EXPRESSION_MAX + 1] = '\0';
    assert_false(accepts(long_one, "is too long"));
    long_one[EXPRESSION_MAX] = '\0';
    assert_true(accepts(long_one, NULL));
    memset(long_one, '(', EXPRESSION_MAX); /* as deep as it goes */
    assert_false(accepts(long_one, "is no regular expression"));
    free(long_one);
}

static void test_refused(void **state)
{
    (void)state;
    static const char *const words[] = {
        "a+++++++++++++++++++++++++++++++",
        "(a+)+++++++++++++++",
        "((((((((((((a+)+)+)+)+)+)+)+)+)+)+)+)+",
        "a{100}{100}",
        "(a{20}{20}){20}",
        "x(a{2}){2}{2}{2}{2}{2}{2}{2}{2}{2}{2}{2}{2}",
        "a{30000}",
        "(a|b{70}){70}",
        "a{99999999999999999999}",
        "[a]{70}{70}",
    };
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        assert_false(accepts(words[i], "repeats too much"));
    static const char *const empty[] = {
        "(a*)*", "a?{2}", "(|a){,30}{3,}", "(a|){3,}", "x(^)+",         "x$*",   "(a?b?)+", "()+",      "*a",
        "a|*b",  "(*a)",  "(a*|b)?",       "(\\b|a)*", "((a?)(b*|c))+", "a{,}+", "a{0}*",   "(a*){1,2}"};
    for (size_t i = 0; i < sizeof empty / sizeof *empty; i++)
        assert_false(accepts(empty[i], "repeats what may be nothing"));
    assert_false(accepts("(a*)\\1", "has a back-reference"));
    assert_true(accepts("[\\1]", NULL));
    static const char *const wrong[] = {"(a", "[a", "a{2,1}", "\\", "a{", "a{x}+"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        assert_false(accepts(wrong[i], "is no regular expression"));
}

enum { TRIES = 20000, PIECES_MAX = 30, MEMORY = 1 << 30, SECONDS = 60 };

/* In a process with little memory and time: what is accepted can be compiled there, since that was tried. */
static void try_random_ones(void)
{
    static const char *const pieces[] = {"a",   "b", "(",   ")",    ")",     "|",    "*",
                                         "+",   "?", "{2}", "{3,}", "{1,4}", "{,3}", "[ab]",
                                         "\\+", "{", "^",   "x*",   "{,30}", "(|a)", "(a|b*)"};
#ifndef __SANITIZE_ADDRESS__ /* whose own memory is larger */
    setrlimit(RLIMIT_AS, &(struct rlimit){MEMORY, MEMORY});
#endif
    alarm(SECONDS);
    srand(3);
    unsigned compiled = 0, refused = 0;
    for (int n = 0; n < TRIES; n++) {
        char word[8 * PIECES_MAX + 2] = "a";
        for (int i = 1 + rand() % PIECES_MAX; i > 0; i--)
            strcat(word, pieces[(size_t)rand() % (sizeof pieces / sizeof *pieces)]);
        struct error err = ERROR_INIT;
        regex_t expression;
        if (!expression_check("ignore", word, &err)) {
            refused += strstr(err.message, "repeats") != NULL;
            continue;
        }
        int status = regcomp(&expression, word, REG_EXTENDED | REG_NOSUB);
        if (status)
            _exit(1);
        regfree(&expression);
        compiled++;
    }
    _exit(compiled > TRIES / 10 && refused > TRIES / 1000 ? 0 : 2);
}

static void test_random(void **state)
{
    (void)state;
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0)
        try_random_ones();
    int status;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_accepted), cmocka_unit_test(test_refused),
                                       cmocka_unit_test(test_random)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
