libcore_la_SOURCES += \
	src/model/activations.c src/model/activations.h \
	src/model/backward.c src/model/backward.h \
	src/model/batch.h \
	src/model/config.c src/model/config.h \
	src/model/init.c \
	src/model/keys.c src/model/keys.h \
	src/model/labels.c src/model/labels.h \
	src/model/model.c src/model/model.h \
	src/model/network.c src/model/network.h \
	src/model/params.c src/model/params.h \
	src/model/pass.c src/model/pass.h \
	src/model/recipes.c \
	src/model/sequence.c src/model/sequence.h \
	src/model/sites.c src/model/sites.h \
	src/model/visit.c \
	src/model/watch.h \
	src/model/work.c src/model/work.h
