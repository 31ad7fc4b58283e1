/* cli/options: the words of the command line, and what becomes of them. */
#include "base/infile.h"
#include "cli/input.h"
#include "cli/options.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

enum { WORDS_MAX = 32 };

/* A command line that may be written to, as main's is: its words are cut in place. */
struct line {
    char text[512];
    char *argv[WORDS_MAX + 1];
    int argc;
};

/* Words are separated by `|`, since some hold spaces. */
static void split(struct line *l, const char *words)
{
    snprintf(l->text, sizeof l->text, "%s", words);
    l->argc = 0;
    l->argv[l->argc++] = l->text;
    for (char *c = l->text; *c; c++)
        if (*c == '|') {
            *c = '\0';
            assert_true(l->argc < WORDS_MAX);
            l->argv[l->argc++] = c + 1;
        }
    l->argv[l->argc] = NULL;
}

static bool read_words(struct line *l, struct options *o, struct error *err, const char *words)
{
    split(l, words);
    *err = ERROR_INIT;
    return options_read(o, l->argc, l->argv, err);
}

static void test_defaults(void **state)
{
    (void)state;
    static const char *const cases[][3] = {
        {"mt|a.wasm", "a_instrumented.wasm", "a.wasm"},
        {"mt|dir.wasm/b.WASM", "dir.wasm/b_instrumented.wasm", "b.WASM"},
        {"mt|.wasm.wasm", ".wasm_instrumented.wasm", ".wasm.wasm"},
        {"mt|-o|x|a.wasm", "x", "a.wasm"},
        {"mt|a.wasm|--out=x|-oy", "y", "a.wasm"}, /* the last one wins */
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct line l;
        struct options o;
        struct error err;
        assert_true(read_words(&l, &o, &err, cases[i][0]));
        assert_string_equal(o.output, cases[i][1]);
        assert_int_equal(o.engine.arg_count, 1);
        assert_string_equal(o.engine.args[0], cases[i][2]); /* the base name */
        assert_false(o.run || o.keep_debug || o.no_cache || o.help || o.version || o.engine.inherit_env);
        assert_int_equal(o.full, 0);
        assert_int_equal(o.report_count, 1);
        assert_string_equal(o.reports[0].format->name, "text");
        assert_int_equal(o.inlining, REWRITE_INLINE_AUTO);
        assert_int_equal(o.trace_mib, 0);
        assert_int_equal(o.engine.stubs, ENGINE_STUBS_NONE);
        assert_int_equal(o.engine.env_count + o.engine.dir_count + o.engine.preload_count, 0);
        assert_null(o.reports[0].path);
        assert_null(o.engine.invoke);
        assert_true(o.engine.timeout == 0);
        options_release(&o);
    }
}

static void test_reports_are_paired(void **state)
{
    (void)state;
    struct line l;
    struct options o;
    struct error err;
    assert_true(read_words(&l, &o, &err, "mt|-r|--report|a|--format|json|--format|text|a.wasm"));
    assert_int_equal(o.report_count, 2);
    assert_string_equal(o.reports[0].format->name, "json");
    assert_string_equal(o.reports[0].path, "a");
    assert_string_equal(o.reports[1].format->name, "text");
    assert_null(o.reports[1].path); /* one more than there are places */
    options_release(&o);
    assert_true(read_words(&l, &o, &err, "mt|-r|--report=a|--report=b|--format=text|--format=json|a.wasm"));
    assert_int_equal(o.report_count, 2);
    assert_string_equal(o.reports[0].format->name, "text");
    assert_string_equal(o.reports[1].path, "b");
    options_release(&o);
}

static void test_everything_given(void **state)
{
    (void)state;
    struct line l;
    struct options o;
    struct error err;
    assert_true(read_words(&l, &o, &err,
                           "mt|-r|-ff|--format|json|--report=r|--keep-debug|--no-cache|--inline=never|--trace-memory|7|"
                           "--stub-imports|default|--timeout|2.5|--inherit-env|a.wasm|--|--run|-|--|x y"));
    assert_true(o.run && o.keep_debug && o.no_cache && o.engine.inherit_env);
    assert_int_equal(o.full, 2);
    assert_string_equal(o.reports[0].format->name, "json");
    assert_string_equal(o.reports[0].path, "r");
    assert_int_equal(o.inlining, REWRITE_INLINE_NEVER);
    assert_int_equal(o.trace_mib, 7);
    assert_int_equal(o.engine.stubs, ENGINE_STUBS_DEFAULT);
    assert_true(o.engine.timeout == 2.5);
    /* behind the first --, all is the guest's */
    static const char *const args[] = {"a.wasm", "--run", "-", "--", "x y"};
    assert_int_equal(o.engine.arg_count, 5);
    for (size_t i = 0; i < 5; i++)
        assert_string_equal(o.engine.args[i], args[i]);
    options_release(&o);
}

static void test_full_counts(void **state)
{
    (void)state;
    static const struct {
        const char *words;
        int full;
    } cases[] = {{"mt|-r|-f|a.wasm", 1},         {"mt|-rff|a.wasm", 2},       {"mt|-f|-r|-f|--full|a.wasm", 3},
                 {"mt|--run|-ffffff|a.wasm", 3}, {"mt|a.wasm|-fff|--run", 3}, {"mt|--full|--full|--run|a.wasm", 2}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct line l;
        struct options o;
        struct error err;
        assert_true(read_words(&l, &o, &err, cases[i].words));
        assert_int_equal(o.full, cases[i].full);
        options_release(&o);
    }
}

static void test_surroundings(void **state)
{
    (void)state;
    struct line l;
    struct options o;
    struct error err;
    setenv("MT_TEST_OURS", "from=us", 1);
    unsetenv("MT_TEST_MISSING");
    assert_true(read_words(&l, &o, &err,
                           "mt|-r|--env|A=1=2|--env=B=|--env|MT_TEST_OURS|--env|MT_TEST_MISSING|--dir|.|--dir=/a::/b|"
                           "--dir|/c:d|--preload|m=/x=y.wasm|--preload=n=z.wasm|--invoke|f|a.wasm|--|-1|0x10"));
    static const struct engine_pair env[] = {{"A", "1=2"}, {"B", ""}, {"MT_TEST_OURS", "from=us"}};
    static const struct engine_pair dirs[] = {{".", "."}, {"/a", "/b"}, {"/c:d", "/c:d"}};
    static const struct engine_pair preloads[] = {{"m", "/x=y.wasm"}, {"n", "z.wasm"}};
    assert_int_equal(o.engine.env_count, 3); /* what we do not have is not passed on */
    assert_int_equal(o.engine.dir_count, 3);
    assert_int_equal(o.lines.move_count, 0);
    assert_int_equal(o.engine.preload_count, 2);
    for (size_t i = 0; i < 3; i++) {
        assert_string_equal(o.engine.env[i].first, env[i].first);
        assert_string_equal(o.engine.env[i].second, env[i].second);
        assert_string_equal(o.engine.dirs[i].first, dirs[i].first);
        assert_string_equal(o.engine.dirs[i].second, dirs[i].second);
    }
    for (size_t i = 0; i < 2; i++) {
        assert_string_equal(o.engine.preloads[i].first, preloads[i].first);
        assert_string_equal(o.engine.preloads[i].second, preloads[i].second);
        assert_string_equal(o.opaque_modules[i], preloads[i].first); /* the rewriter takes them for unknown */
    }
    assert_string_equal(o.engine.invoke, "f");
    assert_int_equal(o.engine.invoke_arg_count, 2);
    assert_string_equal(o.engine.invoke_args[0], "-1");
    assert_string_equal(o.engine.invoke_args[1], "0x10");
    assert_int_equal(o.engine.arg_count, 1); /* the numbers are the function's, not the program's */
    options_release(&o);
}

static void test_lines(void **state)
{
    (void)state;
    struct line l;
    struct options o;
    struct error err;
    assert_true(read_words(&l, &o, &err, "mt|-r|--debug-file|d|--source-map|/a=b=c|--source-map==/d|x/a.wasm"));
    assert_string_equal(o.lines.debug_file, "d");
    assert_string_equal(o.lines.module_path, "x/a.wasm");
    assert_int_equal(o.lines.move_count, 2);
    assert_string_equal(o.lines.moves[0].prefix, "/a");
    assert_string_equal(o.lines.moves[0].folder, "b=c");
    assert_string_equal(o.lines.moves[1].prefix, ""); /* of all files */
    assert_string_equal(o.lines.moves[1].folder, "/d");
    options_release(&o);
}

static void test_help_and_version(void **state)
{
    (void)state;
    struct line l;
    struct options o;
    struct error err;
    assert_true(read_words(&l, &o, &err, "mt|-h")); /* needs no input */
    assert_true(o.help && !o.version);
    options_release(&o);
    assert_true(read_words(&l, &o, &err, "mt|x|y|--version"));
    assert_true(o.version && !o.help);
    options_release(&o);
    assert_non_null(strstr(options_help, "Usage: mem-tracer"));
    for (const char *line = options_help; line; line = strchr(line, '\n') ? strchr(line, '\n') + 1 : NULL)
        assert_true(strcspn(line, "\n") <= 120);
}

static void test_wrong_usage(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"mt", "no input module (see --help)"},
        {"mt|--|a.wasm", "no input module (see --help)"},
        {"mt|a.wasm|b.wasm", "more than one input: 'a.wasm' and 'b.wasm'; the program's arguments go behind --"},
        {"mt|a.wat", "'a.wat' does not end in .wasm"},
        {"mt|.wasm", "'.wasm' does not end in .wasm"},
        {"mt||", "more than one input: '' and ''; the program's arguments go behind --"},
        {"mt|--wobble|a.wasm", "unknown or incomplete option '--wobble' (see --help)"},
        {"mt|--in|a.wasm", "unknown or incomplete option '--in' (see --help)"}, /* --inline, --invoke, … */
        {"mt|--cotnexts|a.wasm", "unknown option '--cotnexts'; did you mean '--contexts'?"},
        {"mt|--run=yes|a.wasm", "unknown or incomplete option '--run=yes' (see --help)"},
        {"mt|-x|a.wasm", "unknown option -x, or its argument is missing (see --help)"},
        {"mt|a.wasm|-o", "unknown option -o, or its argument is missing (see --help)"},
        {"mt|a.wasm|-o|--|x", "unknown option -o, or its argument is missing (see --help)"},
        {"mt|a.wasm|--format", "option '--format' needs an argument behind it (see --help)"},
        {"mt|-r|--format|xml|a.wasm", "--format: unknown word 'xml'; there are: text, json, html, pprof, speedscope, "
                                      "folded, callgrind, sarif, csv, suppressions"},
        {"mt|-r|--format|js|a.wasm", "--format: unknown word 'js'; there are: text, json, html, pprof, speedscope, "
                                     "folded, callgrind, sarif, csv, suppressions"},
        {"mt|--inline|maybe|a.wasm", "--inline: unknown word 'maybe'; there are: auto, always, never"},
        {"mt|--stub-imports|zero|a.wasm", "--stub-imports: unknown word 'zero'; there are: none, trap, default"},
        {"mt|--timeout|0|a.wasm", "--timeout: '0' is no number of seconds"},
        {"mt|--timeout|-1|a.wasm", "--timeout: '-1' is no number of seconds"},
        {"mt|--timeout|1s|a.wasm", "--timeout: '1s' is no number of seconds"},
        {"mt|--timeout|nan|a.wasm", "--timeout: 'nan' is no number of seconds"},
        {"mt|--timeout|inf|a.wasm", "--timeout: 'inf' is no number of seconds"},
        {"mt|--timeout=|a.wasm", "--timeout: '' is no number of seconds"},
        {"mt|--trace-memory|0|a.wasm", "--trace-memory: '0' is not between 1 and 4095"},
        {"mt|--trace-memory|4096|a.wasm", "--trace-memory: '4096' is not between 1 and 4095"},
        {"mt|--trace-memory|4294967297|a.wasm", "--trace-memory: '4294967297' is not between 1 and 4095"},
        {"mt|--trace-memory|-1|a.wasm", "--trace-memory: '-1' is not between 1 and 4095"},
        {"mt|--trace-memory|1x|a.wasm", "--trace-memory: '1x' is not between 1 and 4095"},
        {"mt|--env||a.wasm", "--env: a name is missing"},
        {"mt|--env|=x|a.wasm", "--env: a name is missing"},
        {"mt|--preload|m|a.wasm", "--preload: NAME=FILE expected"},
        {"mt|--preload|m=|a.wasm", "--preload: NAME=FILE expected"},
        {"mt|-r|--source-map|m|a.wasm", "--source-map: PREFIX=DIR expected"},
        {"mt|-r|--source-map|m=|a.wasm", "--source-map: PREFIX=DIR expected"},
        {"mt|--source-map|m=d|a.wasm", "--source-map needs --run"},
        {"mt|--debug-file|d|a.wasm", "--debug-file needs --run"},
        {"mt|-f|a.wasm", "--full needs --run"},
        {"mt|--contexts|-o|b.wasm|a.wasm", "--contexts needs --run: what -o writes for other engines records accesses "
                                           "only, neither calls nor allocations; --run --trace-out FILE saves those, "
                                           "too, and analyze reports on them"},
        {"mt|--objects|-o|b.wasm|a.wasm", "--objects needs --run: what -o writes for other engines records accesses "
                                          "only, neither calls nor allocations; --run --trace-out FILE saves those, "
                                          "too, and analyze reports on them"},
        {"mt|-r|--format|json|--format|text|a.wasm",
         "--format json has no --report, and so has --format text; only one report can go to standard output"},
        {"mt|-r|--format|json|--report|a|--report|b|a.wasm",
         "--report 'b' has no --format, and no suffix that says one, such as .json or .html: the first --format goes "
         "with the first --report, and so on"},
        {"mt|-r|--report|a|--report|b|a.wasm",
         "--report 'a' has no --format, and no suffix that says one, such as .json or .html: the first --format goes "
         "with the first --report, and so on"},
        {"mt|-r|--format|json|--report|a|--format|json|a.wasm", "--format json is given twice"},
        {"mt|-r|--format|json|--report|a|--format|text|--report|a|a.wasm", "two reports would go to 'a'"},
        {"mt|-r|--report|a.csv|--report|b|a.wasm",
         "--report 'b' has no --format, and no suffix that says one, such as .json or .html: the first --format goes "
         "with the first --report, and so on"},
        {"mt|-r|--report|a.htm|--report|b.html|a.wasm", "--format html is given twice"},
        {"mt|-o|d/x.SARIF|a.wasm", "-o 'd/x.SARIF': -o names the instrumented module, and that is a name for a report "
                                   "(sarif), which would be written by --run --report 'd/x.SARIF'"},
        {"mt|--report|r|a.wasm", "--report needs --run"},
        {"mt|--format|json|a.wasm", "--format needs --run"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct line l;
        struct options o;
        struct error err;
        assert_false(read_words(&l, &o, &err, cases[i][0]));
        assert_int_equal(err.code, ERROR_USAGE);
        assert_string_equal(err.message, cases[i][1]);
        options_release(&o);
    }
}

/* The same options twice in one process: getopt keeps state of its own. */
static void test_read_again(void **state)
{
    (void)state;
    for (int i = 0; i < 3; i++) {
        struct line l;
        struct options o;
        struct error err;
        assert_false(read_words(&l, &o, &err, "mt|-rZ|a.wasm"));
        options_release(&o);
        assert_true(read_words(&l, &o, &err, "mt|-r|a.wasm"));
        assert_true(o.run);
        options_release(&o);
    }
}

static void touch(const char *path)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    assert_true(fd >= 0);
    close(fd);
}

static void test_same_file(void **state)
{
    (void)state;
    char folder[] = "/tmp/mt-test-options-XXXXXX";
    assert_non_null(mkdtemp(folder));
    assert_int_equal(chdir(folder), 0);
    touch("a");
    touch("b");
    assert_int_equal(symlink("a", "link") | link("a", "hard") | mkdir("d", 0700) | symlink("d", "e"), 0);
    static const struct {
        const char *a, *b;
        bool same;
    } cases[] = {
        {"a", "a", true},
        {"a", "b", false},
        {"a", "link", true},
        {"hard", "link", true},
        {"d/../a", "a", true},
        {"a", "new", false},
        {"new", "a", false},
        {"new", "new", true},
        {"./new", "new", true},
        {"new", "newer", false},
        {"d/new", "e/new", true},
        {"d/new", "new", false},
        {"none/new", "none/new", false},   /* it cannot be made */
        {"/dev/null", "/dev/null", false}, /* may serve twice */
        {"d", "d", false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_int_equal(input_is_same_file(cases[i].a, cases[i].b), cases[i].same);
    assert_int_equal(unlink("a") | unlink("b") | unlink("link") | unlink("hard") | unlink("e") | rmdir("d"), 0);
    assert_int_equal(chdir("/") | rmdir(folder), 0);
}

static void test_read_input(void **state)
{
    (void)state;
    struct error err = ERROR_INIT;
    struct buf bytes;
    buf_init(&bytes, 1 << 24);
    assert_false(infile_read("/", &bytes, &err));
    assert_string_equal(err.message, "cannot read '/': it is a directory");
    err = ERROR_INIT;
    assert_false(infile_read("/nowhere/at/all.wasm", &bytes, &err));
    assert_string_equal(err.message, "cannot read '/nowhere/at/all.wasm': No such file or directory");
    assert_int_equal(err.code, ERROR_IO);
    err = ERROR_INIT;
    assert_true(infile_read("/dev/null", &bytes, &err));
    assert_int_equal(bytes.size, 0);
    /* larger than one step of reading, from a pipe */
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        close(ends[0]);
        for (uint32_t i = 0; i < 3 << 18; i++)
            if (write(ends[1], &i, sizeof i) != sizeof i)
                _exit(1);
        _exit(0);
    }
    close(ends[1]);
    char path[40];
    snprintf(path, sizeof path, "/dev/fd/%d", ends[0]);
    assert_true(infile_read(path, &bytes, &err));
    close(ends[0]);
    assert_int_equal(bytes.size, 3 << 20);
    for (uint32_t i = 0; i < 3 << 18; i++)
        assert_memory_equal(bytes.data + 4 * (size_t)i, &i, 4);
    buf_release(&bytes);
    /* beyond what the buffer may hold */
    buf_init(&bytes, 1000);
    assert_false(infile_read("/dev/zero", &bytes, &err));
    assert_int_equal(err.code, ERROR_LIMIT);
    buf_release(&bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_defaults),         cmocka_unit_test(test_reports_are_paired),
        cmocka_unit_test(test_everything_given), cmocka_unit_test(test_full_counts),
        cmocka_unit_test(test_surroundings),     cmocka_unit_test(test_lines),
        cmocka_unit_test(test_help_and_version), cmocka_unit_test(test_wrong_usage),
        cmocka_unit_test(test_read_again),       cmocka_unit_test(test_same_file),
        cmocka_unit_test(test_read_input),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
