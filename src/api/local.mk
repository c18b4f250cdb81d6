include_HEADERS += src/thor.h
libparts_la_SOURCES += \
	src/api/session.c \
	src/api/unpad.c src/api/unpad.h
