libparts_la_SOURCES += \
	src/learn/alphabet.c src/learn/alphabet.h \
	src/learn/bpe_learn.c src/learn/bpe_learn.h \
	src/learn/bpe_pairs.c src/learn/bpe_pairs.h \
	src/learn/lattice.c \
	src/learn/learn.c src/learn/learn.h \
	src/learn/learn_options.c src/learn/learn_options.h \
	src/learn/learn_write.c src/learn/learn_write.h \
	src/learn/piece_rules.c src/learn/piece_rules.h \
	src/learn/sample.c src/learn/sample.h \
	src/learn/seed_candidates.c src/learn/seed_candidates.h \
	src/learn/unigram_em.c src/learn/unigram_em.h \
	src/learn/unigram_learn.c src/learn/unigram_learn.h \
	src/learn/unigram_model.c src/learn/unigram_model.h \
	src/learn/unigram_prune.c src/learn/unigram_prune.h \
	src/learn/unigram_seed.c src/learn/unigram_seed.h \
	src/learn/word_list.c src/learn/word_list.h \
	src/learn/word_order.c src/learn/word_order.h \
	src/learn/word_shard.c src/learn/word_shard.h \
	src/learn/word_split.c src/learn/word_split.h \
	src/learn/words.c src/learn/words.h
