train_tests = tests/train/check_digest tests/train/check_optimizer tests/train/check_reduce tests/train/check_step \
	tests/train/check_together
check_PROGRAMS += $(train_tests)
TESTS += $(train_tests)
tests_train_check_step_LDADD = tests/ref/libref.la $(core_test_libs)
tests_train_check_together_SOURCES = tests/train/check_together.c tests/cluster/local_cluster.c \
	tests/cluster/local_cluster.h
tests_train_check_together_LDADD = $(core_test_libs) -lpthread
