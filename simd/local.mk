# The kernels: one list of sources, compiled once for each instruction set with that set's flags.

simd_shared =

# Choice and contract, compiled once.
libcore_la_SOURCES += simd/compute.h simd/gemm.h simd/kernels.h

noinst_LTLIBRARIES += libsimd_scalar.la
libcore_la_LIBADD += libsimd_scalar.la
libsimd_scalar_la_SOURCES = $(simd_shared)
libsimd_scalar_la_CPPFLAGS = $(AM_CPPFLAGS) -DTHOR_ISA_SCALAR=1
libsimd_scalar_la_CFLAGS = $(AM_CFLAGS)

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
