libcore_la_SOURCES += \
	src/base/arena.c src/base/arena.h \
	src/base/dmath.c src/base/dmath.h \
	src/base/fileio.h src/base/hash.h \
	src/base/nearest.c src/base/nearest.h \
	src/base/par.c src/base/par.h \
	src/base/rng.c src/base/rng.h \
	src/base/status.c src/base/status.h \
	src/base/tensor.c src/base/tensor.h
