libcore_la_SOURCES += \
	src/train/optimizer.c src/train/optimizer.h \
	src/train/reduce.c src/train/reduce.h \
	src/train/trainer.c src/train/trainer.h
