libthor_la_SOURCES += src/text/vocab.h
