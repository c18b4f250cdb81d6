libparts_la_SOURCES += \
	src/file/average.c src/file/average.h src/file/average_list.c \
	src/file/blocks.c \
	src/file/checkpoint.c src/file/checkpoint.h \
	src/file/checksums.c src/file/checksums.h \
	src/file/config_json.c src/file/config_json.h \
	src/file/config_print.c \
	src/file/golden_batch.c \
	src/file/golden_facts.c src/file/golden_facts.h \
	src/file/golden_folder.c src/file/golden_folder.h \
	src/file/golden_read.c \
	src/file/metrics.c src/file/metrics.h \
	src/file/safetensors.c src/file/safetensors.h \
	src/file/safetensors_write.c \
	src/file/state.c src/file/state.h \
	src/file/steps.c src/file/steps.h \
	src/file/stored_model.c src/file/stored_model.h \
	src/file/tidy.c
