pieces_tests = \
	tests/pieces/check_charsmap \
	tests/pieces/check_encode \
	tests/pieces/check_normalize \
	tests/pieces/check_vocab
check_PROGRAMS += $(pieces_tests)
TESTS += $(pieces_tests)

tests_pieces_check_charsmap_SOURCES = tests/pieces/check_charsmap.c $(text_runner)
tests_pieces_check_charsmap_LDADD = $(thor_test_libs) $(UTF8PROC_LIBS)
tests_pieces_check_encode_SOURCES = tests/pieces/check_encode.c $(text_runner)
tests_pieces_check_encode_LDADD = $(thor_test_libs)
tests_pieces_check_normalize_SOURCES = tests/pieces/check_normalize.c $(text_runner)
tests_pieces_check_normalize_LDADD = $(thor_test_libs)
tests_pieces_check_vocab_SOURCES = tests/pieces/check_vocab.c $(text_runner)
tests_pieces_check_vocab_LDADD = $(thor_test_libs)
