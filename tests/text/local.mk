text_tests = \
	tests/text/check_charsmap \
	tests/text/check_encode \
	tests/text/check_learn \
	tests/text/check_normalize \
	tests/text/check_unigram \
	tests/text/check_utf8 \
	tests/text/check_vocab
check_PROGRAMS += $(text_tests)
TESTS += $(text_tests)

text_runner = tests/text/text_runner.c tests/text/text_runner.h
tests_text_check_charsmap_SOURCES = tests/text/check_charsmap.c $(text_runner)
tests_text_check_charsmap_LDADD = $(thor_test_libs) $(UTF8PROC_LIBS)
tests_text_check_unigram_SOURCES = tests/text/check_unigram.c $(text_runner)
tests_text_check_unigram_LDADD = $(thor_test_libs)
tests_text_check_encode_SOURCES = tests/text/check_encode.c $(text_runner)
tests_text_check_encode_LDADD = $(thor_test_libs)
tests_text_check_learn_SOURCES = tests/text/check_learn.c $(text_runner)
tests_text_check_learn_LDADD = $(thor_test_libs)
tests_text_check_normalize_SOURCES = tests/text/check_normalize.c $(text_runner)
tests_text_check_normalize_LDADD = $(thor_test_libs)
tests_text_check_utf8_SOURCES = tests/text/check_utf8.c $(text_runner)
tests_text_check_utf8_LDADD = $(thor_test_libs)
tests_text_check_vocab_SOURCES = tests/text/check_vocab.c $(text_runner)
tests_text_check_vocab_LDADD = $(thor_test_libs)

dist_check_SCRIPTS += tests/text/sentencepiece.sh
TESTS += tests/text/sentencepiece.sh
