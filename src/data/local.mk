libparts_la_SOURCES += \
	src/data/bitext.c src/data/bitext.h \
	src/data/claim.c src/data/claim.h \
	src/data/column.c \
	src/data/directions.c src/data/directions.h \
	src/data/column_open.c \
	src/data/encode.c src/data/encode.h \
	src/data/encode_splits.c src/data/encode_splits.h \
	src/data/fill.c src/data/fill.h \
	src/data/format.c src/data/format.h \
	src/data/index.c \
	src/data/journal.c src/data/journal.h \
	src/data/layout.c \
	src/data/learn_bitext.c src/data/learn_bitext.h \
	src/data/plan.c src/data/plan.h \
	src/data/prepare.c src/data/prepare.h \
	src/data/prepared.c src/data/prepared.h \
	src/data/report.c \
	src/data/sampler.c src/data/sampler.h \
	src/data/sampler_open.c src/data/sampler_state.h \
	src/data/shares.c src/data/shares.h \
	src/data/side.c src/data/side.h \
	src/data/split_writer.c src/data/split_writer.h \
	src/data/survey.c
