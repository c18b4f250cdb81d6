libparts_la_SOURCES += \
	src/score/averages.c src/score/averages.h \
	src/score/bleu.c src/score/bleu.h \
	src/score/bootstrap.c src/score/bootstrap.h \
	src/score/chrf.c src/score/chrf.h \
	src/score/metric.c src/score/metric.h \
	src/score/multiple.c src/score/multiple.h \
	src/score/ngram.c src/score/ngram.h \
	src/score/pcg64.c src/score/pcg64.h \
	src/score/permutation.c src/score/permutation.h \
	src/score/score_job.c src/score/score_job.h \
	src/score/score_lines.c src/score/score_lines.h \
	src/score/score_systems.c src/score/score_systems.h \
	src/score/score_table.c src/score/score_table.h \
	src/score/signature.c src/score/signature.h \
	src/score/tokenize.c src/score/tokenize.h \
	src/score/tokenize_intl.c src/score/tokenize_rules.h src/score/tokenize_western.c src/score/tokenize_zh.c
