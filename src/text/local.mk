libthor_la_SOURCES += src/text/vocab.h
libthor_la_SOURCES += src/text/unicode.c src/text/unicode.h
