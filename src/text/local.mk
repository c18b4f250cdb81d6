libparts_la_SOURCES += \
	src/text/alphabet.c src/text/alphabet.h \
	src/text/bpe_encode.c src/text/bpe_encode.h \
	src/text/bpe_learn.c src/text/bpe_learn.h \
	src/text/bpe_pairs.c src/text/bpe_pairs.h \
	src/text/bpe_table.c src/text/bpe_table.h \
	src/text/bytes.c src/text/bytes.h \
	src/text/charsmap.c src/text/charsmap.h \
	src/text/charsmap_rules.c \
	src/text/double_array.c src/text/double_array.h \
	src/text/hash_tables.c src/text/hash_tables.h \
	src/text/lattice.c \
	src/text/learn.c src/text/learn.h \
	src/text/learn_options.c src/text/learn_options.h \
	src/text/learn_write.c src/text/learn_write.h \
	src/text/lines.c src/text/lines.h \
	src/text/nfkc_map.c src/text/nfkc_map.h \
	src/text/normalize.c src/text/normalize.h \
	src/text/piece_cache.c src/text/piece_cache.h \
	src/text/piece_rules.c src/text/piece_rules.h \
	src/text/protobuf.c src/text/protobuf.h \
	src/text/sample.c src/text/sample.h \
	src/text/script.c src/text/script.h \
	src/text/script_table.h \
	src/text/seed_candidates.c src/text/seed_candidates.h \
	src/text/segment.c src/text/segment.h \
	src/text/source.c src/text/source.h \
	src/text/spm.c src/text/spm.h \
	src/text/spm_write.c \
	src/text/trie_states.c src/text/trie_states.h \
	src/text/unicode.c src/text/unicode.h \
	src/text/unigram_em.c src/text/unigram_em.h \
	src/text/unigram_encode.c src/text/unigram_encode.h \
	src/text/unigram_learn.c src/text/unigram_learn.h \
	src/text/unigram_model.c src/text/unigram_model.h \
	src/text/unigram_prune.c src/text/unigram_prune.h \
	src/text/unigram_seed.c src/text/unigram_seed.h \
	src/text/unpack.c src/text/unpack.h \
	src/text/utf8.c src/text/utf8.h \
	src/text/vocab.c src/text/vocab.h \
	src/text/vocab_decode.c \
	src/text/vocab_text.h \
	src/text/word_list.c src/text/word_list.h \
	src/text/word_order.c src/text/word_order.h \
	src/text/word_shard.c src/text/word_shard.h \
	src/text/word_split.c src/text/word_split.h \
	src/text/words.c src/text/words.h
EXTRA_DIST += src/text/script_table.pl
