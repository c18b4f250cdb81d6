libthor_la_SOURCES += \
	src/file/config_json.c src/file/config_json.h \
	src/file/config_print.c
