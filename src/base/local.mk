libcore_la_SOURCES += \
	src/base/arena.c src/base/arena.h \
	src/base/aside.c src/base/aside.h \
	src/base/block.c src/base/block.h \
	src/base/bytes.c src/base/bytes.h \
	src/base/dmath.c src/base/dmath.h \
	src/base/element.c src/base/element.h \
	src/base/fileio.c src/base/fileio.h \
	src/base/folder.c src/base/folder.h \
	src/base/fpenv.c src/base/fpenv.h \
	src/base/hash.c src/base/hash.h \
	src/base/hash_arm.c src/base/hash_blocks.h src/base/hash_plain.c src/base/hash_x86.c \
	src/base/language_code.c src/base/language_code.h \
	src/base/language_group.c src/base/language_group.h \
	src/base/lock.c src/base/lock.h \
	src/base/little_endian.c src/base/little_endian.h \
	src/base/log.c src/base/log.h \
	src/base/machine.c src/base/machine.h \
	src/base/nearest.c src/base/nearest.h \
	src/base/numbers.h \
	src/base/par.c src/base/par.h \
	src/base/prefetch.h \
	src/base/rng.c src/base/rng.h \
	src/base/special_ids.h \
	src/base/sort.c src/base/sort.h \
	src/base/status.c src/base/status.h \
	src/base/tensor.c src/base/tensor.h \
	src/base/tensor_list.c src/base/tensor_list.h \
	src/base/units.c src/base/units.h
