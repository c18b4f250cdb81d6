base_tests = \
	tests/base/check_arena \
	tests/base/check_fileio \
	tests/base/check_fpenv \
	tests/base/check_hash \
	tests/base/check_log \
	tests/base/check_machine \
	tests/base/check_par \
	tests/base/check_rng \
	tests/base/check_sort \
	tests/base/check_tensor \
	tests/base/check_dmath \
	tests/base/check_element \
	tests/cli/check_opt
check_PROGRAMS += $(base_tests)
TESTS += $(base_tests)

# Not of the library: what the program adds.
tests_cli_check_opt_SOURCES = tests/cli/check_opt.c src/cli/opt.c src/cli/opt_help.c

# The same probe once more, with flags that let the compiler fuse: it has to notice.
if HAVE_AVX2
check_LTLIBRARIES += tests/base/libfused.la
tests_base_libfused_la_SOURCES = tests/base/check_fpenv_fused.c
tests_base_libfused_la_CFLAGS = $(AM_CFLAGS) $(AVX2_FLAGS)
tests_base_check_fpenv_LDADD = tests/base/libfused.la $(core_test_libs)
endif
