libparts_la_SOURCES += \
	src/text/hash_tables.c src/text/hash_tables.h \
	src/text/lines.c src/text/lines.h \
	src/text/script.c src/text/script.h \
	src/text/script_table.h \
	src/text/source.c src/text/source.h \
	src/text/unicode.c src/text/unicode.h \
	src/text/unpack.c src/text/unpack.h \
	src/text/utf8.c src/text/utf8.h
EXTRA_DIST += src/text/script_table.pl
