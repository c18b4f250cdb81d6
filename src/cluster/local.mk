libcore_la_SOURCES += \
	src/cluster/agree.c src/cluster/agree.h \
	src/cluster/buckets.c src/cluster/buckets.h \
	src/cluster/cluster.h \
	src/cluster/exchange.c src/cluster/exchange.h \
	src/cluster/partials.c src/cluster/partials.h
