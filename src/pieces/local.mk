libparts_la_SOURCES += \
	src/pieces/bpe_encode.c src/pieces/bpe_encode.h \
	src/pieces/bpe_table.c src/pieces/bpe_table.h \
	src/pieces/charsmap.c src/pieces/charsmap.h \
	src/pieces/charsmap_rules.c \
	src/pieces/double_array.c src/pieces/double_array.h \
	src/pieces/encoder.c src/pieces/encoder.h \
	src/pieces/nfkc_map.c src/pieces/nfkc_map.h \
	src/pieces/normalize.c src/pieces/normalize.h \
	src/pieces/piece_cache.c src/pieces/piece_cache.h \
	src/pieces/protobuf.c src/pieces/protobuf.h \
	src/pieces/segment.c src/pieces/segment.h \
	src/pieces/segments.c src/pieces/segments.h \
	src/pieces/spm.c src/pieces/spm.h \
	src/pieces/spm_write.c \
	src/pieces/trie_states.c src/pieces/trie_states.h \
	src/pieces/unigram_encode.c src/pieces/unigram_encode.h \
	src/pieces/vocab.c src/pieces/vocab.h \
	src/pieces/vocab_decode.c \
	src/pieces/vocab_text.h
