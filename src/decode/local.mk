libthor_la_SOURCES += \
	src/decode/beam.c src/decode/beam.h \
	src/decode/decoder.c src/decode/decoder.h \
	src/decode/translate.c src/decode/translate.h
