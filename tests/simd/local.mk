simd_tests = \
	tests/simd/check_cache \
	tests/simd/check_checked \
	tests/simd/check_contract \
	tests/simd/check_cpu \
	tests/simd/check_cut \
	tests/simd/check_dispatch \
	tests/simd/check_fma \
	tests/simd/check_gemm \
	tests/simd/check_kernels \
	tests/simd/check_vmath
check_PROGRAMS += $(simd_tests)
TESTS += $(simd_tests)

tests_simd_check_checked_SOURCES = tests/simd/check_checked.c tests/simd/cases.c tests/simd/cases.h
tests_simd_check_gemm_SOURCES = tests/simd/check_gemm.c tests/simd/guard.c tests/simd/guard.h
tests_simd_check_kernels_SOURCES = tests/simd/check_kernels.c tests/simd/cases.c tests/simd/cases.h \
	tests/simd/guard.c tests/simd/guard.h
