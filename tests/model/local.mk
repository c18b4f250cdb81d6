include tests/ref/local.mk

model_tests = tests/model/check_bits tests/model/check_laws tests/model/check_limits tests/model/check_model \
	tests/model/check_overfit tests/model/check_params tests/model/check_sequence
check_PROGRAMS += $(model_tests)
TESTS += $(model_tests)
tests_model_check_bits_SOURCES = tests/model/check_bits.c tests/model/bench.c tests/model/bench.h
tests_model_check_bits_LDADD = tests/ref/libref.la $(core_test_libs)
tests_model_check_laws_SOURCES = tests/model/check_laws.c tests/model/bench.c tests/model/bench.h
tests_model_check_laws_LDADD = tests/ref/libref.la $(core_test_libs)
tests_model_check_limits_LDADD = $(core_test_libs)
tests_model_check_model_SOURCES = tests/model/check_model.c tests/model/bench.c tests/model/bench.h
tests_model_check_model_LDADD = tests/ref/libref.la $(core_test_libs)
tests_model_check_overfit_LDADD = tests/ref/libref.la $(core_test_libs)
tests_model_check_params_LDADD = tests/ref/libref.la $(core_test_libs)
tests_model_check_sequence_LDADD = $(core_test_libs)
