run_tests = tests/run/check_routing tests/run/check_run
check_PROGRAMS += $(run_tests)
TESTS += $(run_tests)
tests_run_check_routing_LDADD = $(thor_test_libs)
tests_run_check_run_SOURCES = tests/run/check_run.c $(made_corpus)
tests_run_check_run_LDADD = $(thor_test_libs)
