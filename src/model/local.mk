libcore_la_SOURCES += \
	src/model/batch.h \
	src/model/config.c src/model/config.h \
	src/model/init.c \
	src/model/keys.c src/model/keys.h \
	src/model/model.c src/model/model.h \
	src/model/params.c src/model/params.h \
	src/model/pass.h \
	src/model/recipes.c
libthor_la_SOURCES +=
