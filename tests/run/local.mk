run_tests = tests/run/check_routing tests/run/check_run tests/run/check_run_together
check_PROGRAMS += $(run_tests)
TESTS += $(run_tests)
tests_run_check_routing_LDADD = $(thor_test_libs)
tests_run_check_run_SOURCES = tests/run/check_run.c $(made_corpus)
tests_run_check_run_LDADD = $(thor_test_libs)
tests_run_check_run_together_SOURCES = tests/run/check_run_together.c tests/cluster/local_cluster.c \
	tests/cluster/local_cluster.h $(made_corpus)
tests_run_check_run_together_LDADD = $(thor_test_libs) -lpthread
