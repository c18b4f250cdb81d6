decode_tests = tests/decode/check_beam tests/decode/check_long_line
check_PROGRAMS += $(decode_tests)
TESTS += $(decode_tests)
tests_decode_check_beam_SOURCES = tests/decode/check_beam.c tests/model/bench.c tests/model/bench.h
tests_decode_check_beam_LDADD = tests/ref/libref.la $(thor_test_libs)
tests_decode_check_long_line_LDADD = $(thor_test_libs)
