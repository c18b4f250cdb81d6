libthor_la_SOURCES += \
	src/text/alphabet.c src/text/alphabet.h \
	src/text/bpe_encode.c src/text/bpe_encode.h \
	src/text/bpe_learn.c src/text/bpe_learn.h \
	src/text/bpe_pairs.c src/text/bpe_pairs.h \
	src/text/bpe_table.c src/text/bpe_table.h \
	src/text/bytes.c src/text/bytes.h \
	src/text/learn.c src/text/learn.h \
	src/text/lines.c src/text/lines.h \
	src/text/normalize.c src/text/normalize.h \
	src/text/protobuf.c src/text/protobuf.h \
	src/text/script.c src/text/script.h \
	src/text/script_table.h \
	src/text/segment.c src/text/segment.h \
	src/text/spm.c src/text/spm.h \
	src/text/spm_write.c \
	src/text/hash_tables.c src/text/hash_tables.h \
	src/text/unicode.c src/text/unicode.h \
	src/text/unigram_encode.c src/text/unigram_encode.h \
	src/text/utf8.c src/text/utf8.h \
	src/text/vocab.c src/text/vocab.h \
	src/text/vocab_decode.c \
	src/text/vocab_text.h \
	src/text/words.c src/text/words.h
EXTRA_DIST += src/text/script_table.pl
