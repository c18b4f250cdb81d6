libthor_la_SOURCES += src/data/prepared.h src/data/sampler.h
