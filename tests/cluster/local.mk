cluster_tests = \
	tests/cluster/check_exchange
check_PROGRAMS += $(cluster_tests)
TESTS += $(cluster_tests)
tests_cluster_check_exchange_SOURCES = tests/cluster/check_exchange.c tests/cluster/local_cluster.c \
	tests/cluster/local_cluster.h
tests_cluster_check_exchange_LDADD = $(core_test_libs) -lpthread
