#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/aside.h"
#include "base/fileio.h"
#include "base/folder.h"
#include "base/little_endian.h"

static char scratch[] = "scratch-fileio-XXXXXX";
static thor_error error;

/* Every test runs in a folder of its own, below the one that make check runs in. */
static void enter(void)
{
    ck_assert_ptr_nonnull(mkdtemp(scratch));
    ck_assert_int_eq(chdir(scratch), 0);
}

static void leave(void)
{
    ck_assert_int_eq(chdir(".."), 0);
    ck_assert_int_eq(thor_remove_folder(scratch, &error), THOR_OK);
}

static void write_text(const char *path, const char *text)
{
    ck_assert_msg(thor_write_file(path, text, strlen(text), &error) == THOR_OK, "%s", error.text);
}

static void expect_text(const char *path, const char *wanted)
{
    char *bytes;
    size_t count;
    ck_assert_msg(thor_read_file(path, 1 << 20, &bytes, &count, &error) == THOR_OK, "%s", error.text);
    ck_assert_str_eq(bytes, wanted);
    ck_assert_uint_eq(count, strlen(wanted));
    free(bytes);
}

static bool exists(const char *path)
{
    struct stat facts;
    return lstat(path, &facts) == 0;
}

static void expect_entries(const char *command_count)
{
    FILE *list = popen("ls -A | wc -l | tr -d ' '", "r");
    char line[16] = "";
    ck_assert_ptr_nonnull(fgets(line, sizeof line, list));
    pclose(list);
    line[strcspn(line, "\n")] = '\0';
    ck_assert_str_eq(line, command_count);
}

START_TEST(a_file_appears_whole)
{
    thor_output output;
    write_text("f", "old");
    ck_assert_int_eq(chmod("f", 0640), 0);
    ck_assert_int_eq(thor_output_open(&output, "f", &error), THOR_OK);
    fputs("new and longer", output.stream);
    fflush(output.stream);
    expect_text("f", "old");
    expect_entries("2");
    ck_assert_int_eq(thor_output_commit(&output, &error), THOR_OK);
    thor_output_abandon(&output);
    expect_text("f", "new and longer");
    expect_entries("1");
    struct stat facts;
    ck_assert_int_eq(stat("f", &facts), 0);
    ck_assert_int_eq(facts.st_mode & 07777, 0640);
}
END_TEST

START_TEST(giving_up_leaves_the_old)
{
    thor_output output;
    write_text("f", "old");
    ck_assert_int_eq(thor_output_open(&output, "f", &error), THOR_OK);
    fputs("new", output.stream);
    thor_output_abandon(&output);
    expect_text("f", "old");
    expect_entries("1");
}
END_TEST

START_TEST(a_kill_in_the_middle_leaves_the_old)
{
    write_text("f", "old");
    pid_t child = fork();
    if (child == 0) {
        thor_output output;
        if (thor_output_open(&output, "f", NULL) != THOR_OK)
            _exit(1);
        fputs("half of the new", output.stream);
        fflush(output.stream);
        raise(SIGKILL);
    }
    int status;
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert(WIFSIGNALED(status));
    expect_text("f", "old");
    expect_entries("2");
}
END_TEST

START_TEST(a_full_disk_leaves_the_old)
{
    /* A limit on the size of files fails where a full disk does: in write(2). */
    struct rlimit limit = { .rlim_cur = 1000, .rlim_max = RLIM_INFINITY };
    char bytes[5000];
    memset(bytes, 'x', sizeof bytes);
    write_text("f", "old");
    signal(SIGXFSZ, SIG_IGN);
    ck_assert_int_eq(getrlimit(RLIMIT_FSIZE, &limit), 0);
    limit.rlim_cur = 1000;
    ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
    thor_status status = thor_write_file("f", bytes, sizeof bytes, &error);
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_FSIZE, &limit);
    ck_assert_int_eq(status, THOR_E_IO);
    ck_assert_msg(strstr(error.text, "f: cannot write it: ") && strstr(error.text, "make room"), "%s", error.text);
    expect_text("f", "old");
    expect_entries("1");
}
END_TEST

START_TEST(a_device_is_written_to)
{
    struct stat facts;
    if (stat("/dev/full", &facts) != 0 || !S_ISCHR(facts.st_mode))
        return;
    ck_assert_int_eq(thor_write_file("/dev/full", "x", 1, &error), THOR_E_IO);
    ck_assert_msg(strstr(error.text, strerror(ENOSPC)) != NULL, "%s", error.text);
    ck_assert_int_eq(stat("/dev/full", &facts), 0);
    ck_assert(S_ISCHR(facts.st_mode));
    ck_assert_int_eq(thor_write_file("/dev/null", "x", 1, &error), THOR_OK);
}
END_TEST

static thor_status fill_one(void *context, const char *folder, thor_error *failure)
{
    char *path = thor_path(folder, "f");
    thor_status status = thor_write_file(path, context, strlen(context), failure);
    free(path);
    return status;
}

/* A write fails, its reason is forgotten, and a new reader is there before the end: it gets nothing. */
START_TEST(nothing_is_written_to_find_a_reason)
{
    thor_output output;
    char byte;
    signal(SIGPIPE, SIG_IGN);
    ck_assert_int_eq(mkfifo("pipe", 0600), 0);
    int reader = open("pipe", O_RDONLY | O_NONBLOCK);
    ck_assert_int_ge(reader, 0);
    ck_assert_int_eq(thor_output_open(&output, "pipe", &error), THOR_OK);
    ck_assert_int_eq(setvbuf(output.stream, NULL, _IONBF, 0), 0);
    close(reader);
    ck_assert_int_eq(fputs("lost", output.stream), EOF);
    reader = open("pipe", O_RDONLY | O_NONBLOCK);
    ck_assert_int_eq(thor_output_commit(&output, &error), THOR_E_IO);
    ck_assert_msg(strstr(error.text, "pipe: cannot write it: ") != NULL, "%s", error.text);
    ck_assert_int_eq(read(reader, &byte, 1), 0);
    close(reader);
}
END_TEST

/* Process numbers repeat: on another machine, in another container. What stands there with ours is not ours. */
START_TEST(names_aside_are_nobody_elses)
{
    char file[64], folder[64], inside[80], mine[] = "mine";
    snprintf(file, sizeof file, "f.part-%ld", (long)getpid());
    snprintf(folder, sizeof folder, "d.part-%ld", (long)getpid());
    snprintf(inside, sizeof inside, "%s/g", folder);
    write_text(file, "another's");
    ck_assert_int_eq(thor_make_folder(folder, &error), THOR_OK);
    write_text(inside, "another's");
    write_text("f", "mine");
    ck_assert_msg(thor_folder_write("d", fill_one, mine, &error) == THOR_OK, "%s", error.text);
    expect_text("f", "mine");
    expect_text("d/f", "mine");
    expect_text(file, "another's");
    expect_text(inside, "another's");
    expect_entries("4");
}
END_TEST

START_TEST(names_aside_differ)
{
    char *first = thor_aside_name("a/b", "part"), *second = thor_aside_name("a/b", "part");
    ck_assert_ptr_nonnull(first);
    ck_assert_ptr_nonnull(second);
    ck_assert_str_ne(first, second);
    ck_assert_int_eq(strncmp(first, "a/b.part-", 9), 0);
    ck_assert_uint_eq(strspn(first + 9, "0123456789"), strlen(first + 9));      /* what a tidier looks for */
    free(first);
    free(second);
}
END_TEST

START_TEST(a_link_survives)
{
    write_text("real", "old");
    ck_assert_int_eq(symlink("real", "link"), 0);
    write_text("link", "new");
    expect_text("real", "new");
    struct stat facts;
    ck_assert_int_eq(lstat("link", &facts), 0);
    ck_assert(S_ISLNK(facts.st_mode));
}
END_TEST

START_TEST(wrong_names_are_named)
{
    thor_output output;
    char *bytes;
    size_t count;
    thor_map map;
    ck_assert_int_eq(mkdir("d", 0777), 0);
    ck_assert_int_eq(thor_output_open(&output, "d", &error), THOR_E_IO);
    ck_assert_msg(strstr(error.text, "d: is a folder") != NULL, "%s", error.text);
    ck_assert_int_eq(thor_output_open(&output, "missing/f", &error), THOR_E_IO);
    ck_assert_msg(strncmp(error.text, "missing/f: ", 11) == 0, "%s", error.text);
    ck_assert_int_eq(thor_read_file("nothing", 10, &bytes, &count, &error), THOR_E_IO);
    ck_assert_msg(strstr(error.text, "nothing: cannot open it: ") != NULL, "%s", error.text);
    ck_assert_ptr_null(bytes);
    ck_assert_int_eq(thor_read_file("d", 10, &bytes, &count, &error), THOR_E_IO);
    ck_assert_int_eq(thor_map_open(&map, "d", &error), THOR_E_IO);
    ck_assert_int_eq(thor_map_open(&map, "nothing", &error), THOR_E_IO);
    expect_entries("1");
}
END_TEST

START_TEST(reading_keeps_to_its_limit)
{
    char *bytes;
    size_t count;
    write_text("f", "12345");
    ck_assert_int_eq(thor_read_file("f", 5, &bytes, &count, &error), THOR_OK);
    ck_assert_uint_eq(count, 5);
    free(bytes);
    ck_assert_int_eq(thor_read_file("f", 4, &bytes, &count, &error), THOR_E_FORMAT);
    ck_assert_msg(strstr(error.text, "5 bytes; expected at most 4") != NULL, "%s", error.text);
    /* A file that does not know its size, and one that never ends. */
    ck_assert_int_eq(thor_read_file("/dev/null", 10, &bytes, &count, &error), THOR_OK);
    ck_assert_uint_eq(count, 0);
    ck_assert_int_eq(bytes[0], 0);
    free(bytes);
    ck_assert_int_eq(thor_read_file("/dev/zero", 100000, &bytes, &count, &error), THOR_E_FORMAT);
    ck_assert_ptr_null(bytes);
    write_text("empty", "");
    expect_text("empty", "");
}
END_TEST

START_TEST(a_pipe_is_read_to_its_end)
{
    ck_assert_int_eq(mkfifo("pipe", 0600), 0);
    pid_t child = fork();
    if (child == 0) {
        int pipe = open("pipe", O_WRONLY);
        for (int i = 0; i < 30000; i++)
            if (write(pipe, "0123456789", 10) != 10)
                _exit(1);
        _exit(0);
    }
    char *bytes;
    size_t count;
    ck_assert_msg(thor_read_file("pipe", 1000000, &bytes, &count, &error) == THOR_OK, "%s", error.text);
    ck_assert_uint_eq(count, 300000);
    for (size_t i = 0; i < count; i++)
        ck_assert_int_eq(bytes[i], (char)('0' + i % 10));
    free(bytes);
    ck_assert_int_eq(waitpid(child, NULL, 0), child);
}
END_TEST

START_TEST(maps_show_the_file)
{
    thor_map map;
    write_text("f", "mapped");
    ck_assert_int_eq(thor_map_open(&map, "f", &error), THOR_OK);
    ck_assert_uint_eq(map.count, 6);
    ck_assert_mem_eq(map.bytes, "mapped", 6);
    thor_map_close(&map);
    thor_map_close(&map);
    write_text("empty", "");
    ck_assert_int_eq(thor_map_open(&map, "empty", &error), THOR_OK);
    ck_assert_uint_eq(map.count, 0);
    ck_assert_ptr_nonnull(map.bytes);
    thor_map_close(&map);
}
END_TEST

START_TEST(folders_are_made_and_removed)
{
    ck_assert_int_eq(thor_make_folder("a/b//c/", &error), THOR_OK);
    ck_assert_int_eq(thor_make_folder("a/b/c", &error), THOR_OK);
    write_text("a/b/c/f", "x");
    write_text("outside", "stays");
    ck_assert_int_eq(symlink("../outside", "a/link"), 0);
    ck_assert_int_eq(thor_make_folder("a/b/c/f/g", &error), THOR_E_IO);
    ck_assert_msg(strstr(error.text, "a/b/c/f: is a file") != NULL, "%s", error.text);
    ck_assert_int_eq(thor_remove_folder("a", &error), THOR_OK);
    ck_assert(!exists("a"));
    if (exists("/sys/kernel")) {        /* nobody makes folders there, and the reason is not that there is none */
        ck_assert_int_eq(thor_make_folder("/sys/no-such-place", &error), THOR_E_IO);
        ck_assert_msg(strstr(error.text, "No such file") == NULL, "%s", error.text);
    }
    expect_text("outside", "stays");
    ck_assert_int_eq(thor_remove_folder("a", &error), THOR_OK);
}
END_TEST

START_TEST(folders_are_replaced)
{
    ck_assert_int_eq(thor_make_folder("new", &error), THOR_OK);
    write_text("new/f", "1");
    ck_assert_msg(thor_replace_folder("new", "final", &error) == THOR_OK, "%s", error.text);
    expect_text("final/f", "1");
    ck_assert_int_eq(thor_make_folder("new", &error), THOR_OK);
    write_text("new/f", "2");
    ck_assert_msg(thor_replace_folder("new", "final", &error) == THOR_OK, "%s", error.text);
    expect_text("final/f", "2");
    expect_entries("1");
    ck_assert_int_eq(thor_replace_folder("new", "final", &error), THOR_E_IO);
    expect_text("final/f", "2");
}
END_TEST

static thor_status fill_half(void *context, const char *folder, thor_error *failure)
{
    ck_assert_int_eq(fill_one(context, folder, failure), THOR_OK);
    return thor_fail(failure, THOR_E_NUMBER, "half");
}

/* Whole or not at all, under one name however many slashes end it, and nothing is left beside it or in it. */
START_TEST(folders_are_written_whole)
{
    static char one[] = "1", two[] = "2", three[] = "3";
    ck_assert_msg(thor_folder_write("place/final/", fill_one, one, &error) == THOR_OK, "%s", error.text);
    expect_text("place/final/f", "1");
    ck_assert_msg(thor_folder_write("place/final//", fill_one, two, &error) == THOR_OK, "%s", error.text);
    expect_text("place/final/f", "2");
    ck_assert_int_eq(thor_folder_write("place/final", fill_half, three, &error), THOR_E_NUMBER);
    ck_assert_str_eq(error.text, "half");
    ck_assert_int_eq(thor_folder_write("place/other/", fill_half, three, &error), THOR_E_NUMBER);
    expect_text("place/final/f", "2");
    ck_assert_int_eq(chdir("place"), 0);
    expect_entries("1");
    ck_assert_int_eq(chdir("final"), 0);
    expect_entries("1");
    ck_assert_int_eq(chdir("../.."), 0);
}
END_TEST

START_TEST(paths_are_joined)
{
    static const char *const cases[][3] = {
        { "a", "b", "a/b" }, { "a/", "b", "a/b" }, { "", "b", "b" }, { "/", "b", "/b" }
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char *path = thor_path(cases[i][0], cases[i][1]);
        ck_assert_str_eq(path, cases[i][2]);
        free(path);
    }
}
END_TEST

START_TEST(numbers_are_little_endian)
{
    unsigned char bytes[8];
    thor_put32(bytes, 0x01020304);
    ck_assert_mem_eq(bytes, "\4\3\2\1", 4);
    ck_assert_uint_eq(thor_get32(bytes), 0x01020304);
    thor_put64(bytes, UINT64_C(0xf102030405060708));
    ck_assert_mem_eq(bytes, "\x08\7\6\5\4\3\2\xf1", 8);
    ck_assert_uint_eq(thor_get64(bytes), UINT64_C(0xf102030405060708));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("fileio");
    TCase *tests = tcase_create("fileio");
    tcase_add_checked_fixture(tests, enter, leave);
    tcase_set_timeout(tests, 30);
    tcase_add_test(tests, a_file_appears_whole);
    tcase_add_test(tests, giving_up_leaves_the_old);
    tcase_add_test(tests, a_kill_in_the_middle_leaves_the_old);
    tcase_add_test(tests, a_full_disk_leaves_the_old);
    tcase_add_test(tests, a_device_is_written_to);
    tcase_add_test(tests, nothing_is_written_to_find_a_reason);
    tcase_add_test(tests, names_aside_are_nobody_elses);
    tcase_add_test(tests, names_aside_differ);
    tcase_add_test(tests, a_link_survives);
    tcase_add_test(tests, wrong_names_are_named);
    tcase_add_test(tests, reading_keeps_to_its_limit);
    tcase_add_test(tests, a_pipe_is_read_to_its_end);
    tcase_add_test(tests, maps_show_the_file);
    tcase_add_test(tests, folders_are_made_and_removed);
    tcase_add_test(tests, folders_are_replaced);
    tcase_add_test(tests, folders_are_written_whole);
    tcase_add_test(tests, paths_are_joined);
    tcase_add_test(tests, numbers_are_little_endian);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
