/* Limits of control groups, in a made-up /proc and /sys; and locks, where the system says that it has none. */
#include <check.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fileio.h"
#include "base/folder.h"
#include "base/lock.h"
#include "base/machine.h"
#include "base/units.h"

static char scratch[32];
static thor_error error;

static void enter(void)
{
    strcpy(scratch, "./scratch-machine-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(scratch));
}

static void leave(void)
{
    ck_assert_msg(thor_remove_folder(scratch, &error) == THOR_OK, "%s", error.text);
}

/* Writes `text` to a file below the root, with its folders. */
static void put(const char *name, const char *text)
{
    char path[512];
    snprintf(path, sizeof path, "%s/%s", scratch, name);
    for (char *slash = strchr(path + 2, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        ck_assert_int_eq(thor_make_folder(path, &error), THOR_OK);
        *slash = '/';
    }
    ck_assert_msg(thor_write_file(path, text, strlen(text), &error) == THOR_OK, "%s", error.text);
}

START_TEST(the_least_limit_upwards_counts)
{
    put("proc/self/cgroup", "0::/system.slice/job_7/step_0\n");
    put("sys/fs/cgroup/system.slice/memory.max", "9000000\n");
    put("sys/fs/cgroup/system.slice/job_7/memory.max", "5000000\n");
    put("sys/fs/cgroup/system.slice/job_7/step_0/memory.max", "max\n");
    ck_assert_uint_eq(thor_machine_group_limit(scratch), 5000000);
    put("sys/fs/cgroup/memory.max", "4000000\n");
    ck_assert_uint_eq(thor_machine_group_limit(scratch), 4000000);
}
END_TEST

START_TEST(version_1_has_a_hierarchy_for_memory)
{
    put("proc/self/cgroup", "12:cpuset:/elsewhere\n4:cpu,memory:/slurm/uid_1/job_7\n1:name=systemd:/a\n");
    put("sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n");
    put("sys/fs/cgroup/memory/slurm/uid_1/job_7/memory.limit_in_bytes", "7000000\n");
    put("sys/fs/cgroup/memory/elsewhere/memory.limit_in_bytes", "1000\n");
    ck_assert_uint_eq(thor_machine_group_limit(scratch), 7000000);
}
END_TEST

START_TEST(a_container_sees_the_root_alone)
{
    put("proc/self/cgroup", "0::/../../not/mounted\n");
    put("sys/fs/cgroup/memory.max", "3000000\n");
    ck_assert_uint_eq(thor_machine_group_limit(scratch), 3000000);
}
END_TEST

START_TEST(nothing_limits_where_nothing_is_said)
{
    ck_assert_uint_eq(thor_machine_group_limit(scratch), 0);
    put("proc/self/cgroup", "nonsense\n0:\n::\n0::relative\n");
    ck_assert_uint_eq(thor_machine_group_limit(scratch), 0);
    ck_assert_uint_gt(thor_machine_peak(), 0);
}
END_TEST

START_TEST(locks_that_fail_are_told_apart)
{
    char path[64];
    snprintf(path, sizeof path, "%s/file", scratch);
    int file = open(path, O_RDWR | O_CREAT, 0600), reading = open(path, O_RDONLY);
    ck_assert_int_eq(thor_lock_take(file), THOR_LOCK_TAKEN);
    /* A write lock of a file that is open for reading is refused, as all are where there are no locks. */
    ck_assert_int_eq(thor_lock_take(reading), THOR_LOCK_ABSENT);
    close(reading);
    close(file);
}
END_TEST

START_TEST(times_are_read)
{
    char text[32];
    ck_assert(thor_duration_parse("1h30m") == 5400 && thor_duration_parse("90") == 90);
    ck_assert(thor_duration_parse("soon") < 0 && thor_duration_parse("") < 0);
    ck_assert_str_eq(thor_duration_text(text, 3720), "1h02m");
    ck_assert_str_eq(thor_bytes_text(text, 1536), "1.5 KiB");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("machine");
    TCase *tests = tcase_create("all");
    tcase_add_checked_fixture(tests, enter, leave);
    tcase_add_test(tests, the_least_limit_upwards_counts);
    tcase_add_test(tests, version_1_has_a_hierarchy_for_memory);
    tcase_add_test(tests, a_container_sees_the_root_alone);
    tcase_add_test(tests, nothing_limits_where_nothing_is_said);
    tcase_add_test(tests, locks_that_fail_are_told_apart);
    tcase_add_test(tests, times_are_read);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
