libthor_la_SOURCES += \
	src/reproduce/kmeans.c src/reproduce/kmeans.h \
	src/reproduce/similarity.c src/reproduce/similarity.h
