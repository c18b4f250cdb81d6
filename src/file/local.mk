libthor_la_SOURCES += \
	src/file/blocks.c \
	src/file/checkpoint.c src/file/checkpoint.h \
	src/file/config_json.c src/file/config_json.h \
	src/file/config_print.c \
	src/file/safetensors.c src/file/safetensors.h \
	src/file/safetensors_write.c \
	src/file/seal.c src/file/seal.h \
	src/file/state.c src/file/state.h \
	src/file/tidy.c
