learn_tests = \
	tests/learn/check_learn \
	tests/learn/check_unigram
check_PROGRAMS += $(learn_tests)
TESTS += $(learn_tests)

tests_learn_check_learn_SOURCES = tests/learn/check_learn.c $(text_runner)
tests_learn_check_learn_LDADD = $(thor_test_libs)
tests_learn_check_unigram_SOURCES = tests/learn/check_unigram.c $(text_runner)
tests_learn_check_unigram_LDADD = $(thor_test_libs)

dist_check_SCRIPTS += tests/learn/sentencepiece.sh
TESTS += tests/learn/sentencepiece.sh
