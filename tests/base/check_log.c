#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"

static char *text;
static size_t length;

static void expect(FILE *stream, const char *wanted)
{
    fclose(stream);
    ck_assert_str_eq(text, wanted);
    free(text);
}

START_TEST(plain_lines_elsewhere)
{
    FILE *stream = open_memstream(&text, &length);
    thor_log log = thor_log_make(stream, THOR_LOG_NORMAL);
    ck_assert(!log.live);
    log.every = 1e9;
    ck_assert(thor_log_due(&log));
    thor_log_progress(&log, "step %d", 1);
    ck_assert(!thor_log_due(&log));
    thor_log_progress(&log, "step %d", 2);
    thor_log_say(&log, THOR_LOG_NORMAL, "saved");
    thor_log_say(&log, THOR_LOG_DETAIL, "hidden");
    thor_log_keep(&log, "step %d", 3);
    thor_log_end(&log);
    expect(stream, "step 1\nsaved\nstep 3\n");
}
END_TEST

START_TEST(a_terminal_is_rewritten)
{
    FILE *stream = open_memstream(&text, &length);
    thor_log log = thor_log_make(stream, THOR_LOG_DETAIL);
    log.live = true;
    log.every = 0;
    thor_log_progress(&log, "a");
    thor_log_progress(&log, "b");
    thor_log_say(&log, THOR_LOG_DETAIL, "saved");
    thor_log_progress(&log, "c");
    thor_log_end(&log);
    thor_log_end(&log);
    expect(stream, "\r\033[?7la\033[K\033[?7h" "\r\033[?7lb\033[K\033[?7h" "\r\033[Ksaved\n"
                   "\r\033[?7lc\033[K\033[?7h" "\n");
}
END_TEST

START_TEST(quiet_leaves_warnings)
{
    FILE *stream = open_memstream(&text, &length);
    thor_log log = thor_log_make(stream, THOR_LOG_QUIET);
    ck_assert(!thor_log_due(&log));
    thor_log_progress(&log, "a");
    thor_log_keep(&log, "b");
    thor_log_say(&log, THOR_LOG_NORMAL, "c");
    thor_log_warn(&log, "%d lines dropped", 3);
    expect(stream, "warning: 3 lines dropped\n");
}
END_TEST

START_TEST(time_goes_forward)
{
    double before = thor_seconds();
    ck_assert(before > 0);
    ck_assert(thor_seconds() >= before);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("log");
    TCase *tests = tcase_create("log");
    tcase_add_test(tests, plain_lines_elsewhere);
    tcase_add_test(tests, a_terminal_is_rewritten);
    tcase_add_test(tests, quiet_leaves_warnings);
    tcase_add_test(tests, time_goes_forward);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
