text_tests = \
	tests/text/check_utf8
check_PROGRAMS += $(text_tests)
TESTS += $(text_tests)

# Tests of text, pieces and learn start with these.
text_runner = tests/text/text_runner.c tests/text/text_runner.h
tests_text_check_utf8_SOURCES = tests/text/check_utf8.c $(text_runner)
tests_text_check_utf8_LDADD = $(thor_test_libs)
