/* Files that are written whole or not at all. */
#include "base/outfile.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char dir[] = "/tmp/mem-tracer-test-XXXXXX"; /* made by setup, where the tests then run */

static int setup(void **state)
{
    (void)state;
    return mkdtemp(dir) && chdir(dir) == 0 ? 0 : -1;
}

static int teardown(void **state)
{
    (void)state;
    DIR *d = opendir(".");
    if (!d)
        return -1;
    for (struct dirent *e; (e = readdir(d));)
        unlinkat(dirfd(d), e->d_name, 0);
    closedir(d);
    return chdir("/") == 0 && rmdir(dir) == 0 ? 0 : -1; /* a file left over in a folder would show here */
}

static int files(void)
{
    int count = 0;
    DIR *d = opendir(".");
    assert_non_null(d);
    while (readdir(d))
        count++;
    closedir(d);
    return count - 2;
}

static void write_text(const char *path, const char *text)
{
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    fputs(text, f);
    assert_int_equal(fclose(f), 0);
}

static void check_text(const char *path, const char *want)
{
    char text[64] = {0};
    FILE *f = fopen(path, "r");
    assert_non_null(f);
    size_t size = fread(text, 1, sizeof text - 1, f);
    fclose(f);
    assert_int_equal(size, strlen(want));
    assert_string_equal(text, want);
}

static void start(struct outfile *f, const char *path, const char *text)
{
    struct error err = ERROR_INIT;
    assert_true(outfile_open(f, path, &err));
    assert_int_equal(err.code, ERROR_NONE);
    fputs(text, outfile_stream(f));
}

static void commit(struct outfile *f)
{
    struct error err = ERROR_INIT;
    assert_true(outfile_commit(f, &err));
    assert_int_equal(err.code, ERROR_NONE);
    assert_null(f->stream);
    outfile_abandon(f); /* harmless */
}

static void check_refused(const char *path, const char *message)
{
    struct outfile f;
    struct error err = ERROR_INIT;
    int before = files();
    assert_false(outfile_open(&f, path, &err));
    assert_int_equal(err.code, ERROR_IO);
    assert_string_equal(err.message, message);
    assert_int_equal(files(), before);
    outfile_abandon(&f);
}

static void test_new_file(void **state)
{
    (void)state;
    struct outfile f;
    int before = files();
    start(&f, "new", "whole");
    assert_int_equal(access("new", F_OK), -1); /* not there before it is whole */
    outfile_abandon(&f);
    assert_int_equal(files(), before);

    mode_t old = umask(027);
    start(&f, "new", "whole");
    commit(&f);
    umask(old);
    check_text("new", "whole");
    struct stat st;
    assert_int_equal(stat("new", &st), 0);
    assert_int_equal(st.st_mode & 0777, 0640);
    assert_int_equal(files(), before + 1);
}

static void test_existing_file(void **state)
{
    (void)state;
    struct outfile f;
    write_text("old", "before");
    assert_int_equal(chmod("old", 0604), 0);
    int before = files();
    start(&f, "old", "after");
    fflush(outfile_stream(&f));
    check_text("old", "before");
    outfile_abandon(&f);
    check_text("old", "before");
    assert_int_equal(files(), before);

    start(&f, "./old", "after");
    commit(&f);
    check_text("old", "after");
    struct stat st;
    assert_int_equal(stat("old", &st), 0);
    assert_int_equal(st.st_mode & 0777, 0604);
    assert_int_equal(files(), before);
}

/* A link stays a link, and its target is what is replaced, in the target's folder. */
static void test_symbolic_link(void **state)
{
    (void)state;
    assert_int_equal(mkdir("sub", 0777), 0);
    write_text("sub/target", "before");
    assert_int_equal(symlink("sub/target", "link"), 0);
    struct outfile f;
    start(&f, "link", "after");
    commit(&f);
    struct stat st;
    assert_int_equal(lstat("link", &st), 0);
    assert_true(S_ISLNK(st.st_mode));
    check_text("sub/target", "after");
    assert_int_equal(unlink("sub/target"), 0);
    assert_int_equal(rmdir("sub"), 0); /* so nothing else was left there */
}

/* A limit on the size of files would do too, but a device is what a user would try. */
static void test_full_disk(void **state)
{
    (void)state;
    struct outfile f;
    struct error err = ERROR_INIT;
    start(&f, "/dev/full", "text");
    assert_false(outfile_commit(&f, &err));
    assert_int_equal(err.code, ERROR_IO);
    assert_string_equal(err.message, "cannot write '/dev/full': No space left on device");
    assert_int_equal(access("/dev/full", F_OK), 0);
}

/* A failure that only an earlier write saw must not be committed. */
static void test_earlier_failure(void **state)
{
    (void)state;
    write_text("kept", "before");
    int before = files();
    struct outfile f;
    struct error err = ERROR_INIT;
    assert_true(outfile_open(&f, "kept", &err));
    int fd = fileno(outfile_stream(&f)), saved = dup(fd), full = open("/dev/full", O_WRONLY);
    assert_true(saved >= 0 && full >= 0);
    fputs("lost", outfile_stream(&f));
    dup2(full, fd);
    assert_int_equal(fflush(outfile_stream(&f)), EOF);
    dup2(saved, fd); /* space again, but the file has a hole by now */
    close(saved);
    close(full);
    assert_false(outfile_commit(&f, &err));
    assert_int_equal(err.code, ERROR_IO);
    check_text("kept", "before");
    assert_int_equal(files(), before);
}

static void test_devices_and_pipes(void **state)
{
    (void)state;
    struct outfile f;
    struct stat st;
    start(&f, "/dev/null", "text");
    commit(&f);
    assert_int_equal(stat("/dev/null", &st), 0);
    assert_true(S_ISCHR(st.st_mode));

    assert_int_equal(mkfifo("pipe", 0666), 0);
    int reader = open("pipe", O_RDONLY | O_NONBLOCK);
    assert_true(reader >= 0);
    start(&f, "pipe", "text");
    commit(&f);
    char got[8] = {0};
    assert_int_equal(read(reader, got, sizeof got), 4);
    assert_string_equal(got, "text");
    close(reader);
    assert_int_equal(lstat("pipe", &st), 0);
    assert_true(S_ISFIFO(st.st_mode));
}

/* --report /dev/stdout > file, and --report file > file: what standard output got before and gets after stays. */
static void test_standard_output(void **state)
{
    (void)state;
    static const char *const paths[] = {"/dev/stdout", "/proc/self/fd/1", "out"};
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        fflush(stdout);
        int saved = dup(STDOUT_FILENO);
        int fd = open("out", O_WRONLY | O_CREAT | O_TRUNC, 0666);
        assert_true(saved >= 0 && fd >= 0);
        dup2(fd, STDOUT_FILENO);
        close(fd);
        struct outfile f = {0};
        struct error err = ERROR_INIT;
        fputs("[program]", stdout); /* still in the stream's buffer */
        bool ok = outfile_open(&f, paths[i], &err);
        if (ok) {
            fputs("[report]", outfile_stream(&f));
            ok = outfile_commit(&f, &err);
        }
        fputs("[more]", stdout);
        fflush(stdout);
        dup2(saved, STDOUT_FILENO);
        close(saved);
        assert_true(ok);
        check_text("out", "[program][report][more]");
    }
}

/* --report /dev/fd/N with a regular file behind it: whoever opened that keeps it. */
static void test_inherited_descriptor(void **state)
{
    (void)state;
    int fd = open("shared", O_RDWR | O_CREAT | O_TRUNC, 0666);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, "1", 1), 1);
    char path[32];
    snprintf(path, sizeof path, "/dev/fd/%d", fd);
    struct outfile f;
    start(&f, path, "23");
    commit(&f);
    struct stat st;
    assert_int_equal(fstat(fd, &st), 0);
    assert_int_equal(st.st_nlink, 1);
    close(fd);
    check_text("shared", "123");
}

static void test_refused(void **state)
{
    (void)state;
    write_text("file", "x");
    check_refused("", "cannot write '': No such file or directory");
    check_refused(".", "cannot write '.': Is a directory");
    check_refused("absent/", "cannot write 'absent/': Is a directory");
    check_refused("absent/file", "cannot write 'absent/file': No such file or directory");
    check_refused("file/below", "cannot write 'file/below': Not a directory");
    check_refused("absent/a\nb\x1B", "cannot write 'absent/a\xEF\xBF\xBD"
                                     "b\xEF\xBF\xBD': No such file or directory");
    check_text("file", "x");

    char path[6000] = "absent/"; /* the reason must not fall off the message's end */
    memset(path + 7, 'p', 3000);
    struct outfile f;
    struct error err = ERROR_INIT;
    assert_false(outfile_open(&f, path, &err));
    assert_non_null(strstr(err.message, "…': "));

    if (geteuid() == 0)
        return; /* root may write anything */
    assert_int_equal(chmod("file", 0444), 0);
    check_refused("file", "cannot write 'file': Permission denied");
}

static void test_long_name(void **state)
{
    (void)state;
    char name[256]; /* as long as a name may be: the temporary one must not be longer */
    memset(name, 'n', 255);
    name[255] = '\0';
    struct outfile f;
    start(&f, name, "text");
    commit(&f);
    check_text(name, "text");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_new_file),        cmocka_unit_test(test_existing_file),
        cmocka_unit_test(test_symbolic_link),   cmocka_unit_test(test_full_disk),
        cmocka_unit_test(test_earlier_failure), cmocka_unit_test(test_devices_and_pipes),
        cmocka_unit_test(test_standard_output), cmocka_unit_test(test_inherited_descriptor),
        cmocka_unit_test(test_refused),         cmocka_unit_test(test_long_name),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
