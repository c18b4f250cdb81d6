run_tests = tests/run/check_run tests/run/check_usage
check_PROGRAMS += $(run_tests)
TESTS += $(run_tests)
tests_run_check_run_SOURCES = tests/run/check_run.c $(made_corpus)
tests_run_check_run_LDADD = $(thor_test_libs)
tests_run_check_usage_LDADD = $(thor_test_libs)
