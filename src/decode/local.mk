libparts_la_SOURCES += \
	src/decode/beam.c src/decode/beam.h \
	src/decode/line_input.c src/decode/line_input.h \
	src/decode/long_line.c src/decode/long_line.h \
	src/decode/opened_model.c src/decode/opened_model.h \
	src/decode/source_batch.c src/decode/source_batch.h \
	src/decode/translate.c src/decode/translate.h \
	src/decode/translate_lines.c src/decode/translate_lines.h
