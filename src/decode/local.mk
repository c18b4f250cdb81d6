libthor_la_SOURCES += \
	src/decode/beam.c src/decode/beam.h \
	src/decode/long_line.c src/decode/long_line.h \
	src/decode/source_batch.c src/decode/source_batch.h \
	src/decode/translate.c src/decode/translate.h
