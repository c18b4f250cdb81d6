libcore_la_SOURCES += src/train/trainer.h
