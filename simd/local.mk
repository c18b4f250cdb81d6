# The kernels: one list of sources, compiled once for each instruction set with that set's flags.

simd_shared = \
	simd/fma32.h simd/isa.h simd/tables.h simd/unroll.h simd/v16.h simd/vmath.h \
	simd/v16_avx2.h simd/v16_avx512.h simd/v16_neon.h simd/v16_scalar.h \
	simd/k_adam.c simd/k_dropout.c simd/k_elem.c simd/k_few.c simd/k_gemm.c simd/k_norm.c simd/k_pack.c \
	simd/k_reduce.c simd/k_softmax.c simd/kernel_table.c

# Choice and contract, compiled once.
libcore_la_SOURCES += \
	simd/cache.c simd/cache.h \
	simd/checked.c simd/checked_body.h \
	simd/compute.c simd/compute.h \
	simd/cpu.c simd/cpu.h \
	simd/dispatch.c \
	simd/gemm.c simd/gemm.h simd/gemm_block.c simd/gemm_job.c simd/gemm_job.h \
	simd/kernels.h

# Not part of the core, which links no BLAS.
libparts_la_SOURCES += simd/blas.c simd/blas.h

noinst_LTLIBRARIES += libsimd_scalar.la
libcore_la_LIBADD += libsimd_scalar.la
libsimd_scalar_la_SOURCES = $(simd_shared)
libsimd_scalar_la_CPPFLAGS = $(AM_CPPFLAGS) -DTHOR_ISA_SCALAR=1
libsimd_scalar_la_CFLAGS = $(AM_CFLAGS) $(SCALAR_FLAGS)

if HAVE_AVX2
noinst_LTLIBRARIES += libsimd_avx2.la
libcore_la_LIBADD += libsimd_avx2.la
libsimd_avx2_la_SOURCES = $(simd_shared)
libsimd_avx2_la_CPPFLAGS = $(AM_CPPFLAGS) -DTHOR_ISA_AVX2=1
libsimd_avx2_la_CFLAGS = $(AM_CFLAGS) $(AVX2_FLAGS)
endif

if HAVE_AVX512
noinst_LTLIBRARIES += libsimd_avx512.la
libcore_la_LIBADD += libsimd_avx512.la
libsimd_avx512_la_SOURCES = $(simd_shared)
libsimd_avx512_la_CPPFLAGS = $(AM_CPPFLAGS) -DTHOR_ISA_AVX512=1
libsimd_avx512_la_CFLAGS = $(AM_CFLAGS) $(AVX512_FLAGS)
endif

if HAVE_NEON
noinst_LTLIBRARIES += libsimd_neon.la
libcore_la_LIBADD += libsimd_neon.la
libsimd_neon_la_SOURCES = $(simd_shared)
libsimd_neon_la_CPPFLAGS = $(AM_CPPFLAGS) -DTHOR_ISA_NEON=1
libsimd_neon_la_CFLAGS = $(AM_CFLAGS) $(NEON_FLAGS)
endif
