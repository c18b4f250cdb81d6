# Programs that measure; `make bench` builds and runs them. List each in both.
bench_programs = bench/bench_gemm
EXTRA_PROGRAMS += bench/bench_gemm

bench_bench_gemm_SOURCES = bench/bench_gemm.c
bench_bench_gemm_LDADD = libthor.la

# No measurement of its own: it makes the corpus that thor vocab and thor prepare are measured with at full size.
EXTRA_PROGRAMS += bench/synthetic_opus
bench_synthetic_opus_SOURCES = bench/synthetic_opus.c
bench_synthetic_opus_LDADD = libcore.la
