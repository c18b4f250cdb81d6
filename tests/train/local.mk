train_tests = tests/train/check_digest tests/train/check_optimizer tests/train/check_reduce tests/train/check_step
check_PROGRAMS += $(train_tests)
TESTS += $(train_tests)
tests_train_check_step_LDADD = tests/ref/libref.la $(core_test_libs)
