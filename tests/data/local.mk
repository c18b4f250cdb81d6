data_tests = \
	tests/data/check_plan \
	tests/data/check_prepared \
	tests/data/check_sampler \
	tests/data/check_shares
check_PROGRAMS += $(data_tests)
TESTS += $(data_tests)
tests_data_check_plan_LDADD = $(thor_test_libs)
tests_data_check_prepared_SOURCES = tests/data/check_prepared.c tests/data/made_corpus.c tests/data/made_corpus.h
tests_data_check_prepared_LDADD = $(thor_test_libs)
tests_data_check_sampler_SOURCES = tests/data/check_sampler.c tests/data/made_corpus.c tests/data/made_corpus.h
tests_data_check_sampler_LDADD = $(thor_test_libs)
tests_data_check_shares_LDADD = $(thor_test_libs)
