libthor_la_SOURCES += \
	src/data/column.c \
	src/data/format.c src/data/format.h \
	src/data/index.c \
	src/data/prepared.c src/data/prepared.h \
	src/data/sampler.h
