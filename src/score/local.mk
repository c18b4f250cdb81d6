libthor_la_SOURCES +=
