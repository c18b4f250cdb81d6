# One digest everywhere. core_digest links the core alone, and is built here as configure says; digests.sh builds it for
# every compiler and processor that is installed, program.sh the whole program where the libraries are, too.
check_PROGRAMS += tests/cross/core_digest
tests_cross_core_digest_SOURCES = tests/cross/core_digest.c tests/cross/shards_digest.c tests/cross/shards_digest.h
tests_cross_core_digest_CFLAGS = $(AM_CFLAGS) -pthread
tests_cross_core_digest_LDADD = libcore.la -lpthread

cross_tests = \
	tests/cross/digests.sh \
	tests/cross/program.sh \
	tests/cross/shards.sh
dist_check_SCRIPTS += $(cross_tests)
TESTS += $(cross_tests)
EXTRA_DIST += tests/cross/core.mk tests/cross/packages.sh
