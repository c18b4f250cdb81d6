libcore_la_SOURCES += \
	src/train/digest.c src/train/digest.h \
	src/train/golden.c src/train/golden.h \
	src/train/golden_margin.c src/train/golden_margin.h \
	src/train/golden_tensors.c src/train/golden_tensors.h \
	src/train/invented_batch.c src/train/invented_batch.h \
	src/train/invented_config.c \
	src/train/moments.c src/train/moments.h \
	src/train/optimizer.c src/train/optimizer.h \
	src/train/reduce.c src/train/reduce.h \
	src/train/shard.c src/train/shard.h \
	src/train/share.c src/train/share.h \
	src/train/trainer.c src/train/trainer.h
