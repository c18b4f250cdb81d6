libparts_la_SOURCES += \
	src/run/run.c src/run/run.h src/run/run_best.c src/run/run_parts.h \
	src/run/run_data.c src/run/run_data.h \
	src/run/run_folder.c \
	src/run/run_grow.c \
	src/run/run_listener.c \
	src/run/run_loop.c \
	src/run/run_record.c \
	src/run/run_routing.c src/run/run_routing.h src/run/run_routing_numbers.c \
	src/run/run_split.c src/run/run_split.h \
	src/run/run_together.c \
	src/run/run_translate.c \
	src/run/run_validate.c
