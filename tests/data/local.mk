data_tests = \
	tests/data/check_damage \
	tests/data/check_plan \
	tests/data/check_prepared \
	tests/data/check_sampler \
	tests/data/check_sampler_fit \
	tests/data/check_shares
check_PROGRAMS += $(data_tests)
TESTS += $(data_tests) tests/data/phrasebook.sh tests/data/batches.sh
dist_check_SCRIPTS += tests/data/phrasebook.sh tests/data/batches.sh
# Started by batches.sh.
check_PROGRAMS += tests/data/dump_batches
tests_data_dump_batches_LDADD = $(thor_test_libs)
EXTRA_DIST += tests/data/batches.py
made_corpus = tests/data/made_corpus.c tests/data/made_corpus.h
sampler_fixture = $(made_corpus) tests/data/sampler_fixture.c tests/data/sampler_fixture.h
tests_data_check_damage_SOURCES = tests/data/check_damage.c $(made_corpus)
tests_data_check_damage_LDADD = $(thor_test_libs)
tests_data_check_plan_LDADD = $(thor_test_libs)
tests_data_check_prepared_SOURCES = tests/data/check_prepared.c $(made_corpus)
tests_data_check_prepared_LDADD = $(thor_test_libs)
tests_data_check_sampler_SOURCES = tests/data/check_sampler.c $(sampler_fixture)
tests_data_check_sampler_LDADD = $(thor_test_libs)
tests_data_check_sampler_fit_SOURCES = tests/data/check_sampler_fit.c $(sampler_fixture)
tests_data_check_sampler_fit_LDADD = $(thor_test_libs)
tests_data_check_shares_LDADD = $(thor_test_libs)
