# Programs that measure; `make bench` builds and runs them. List each in both.
bench_programs = bench/bench_gemm
EXTRA_PROGRAMS += bench/bench_gemm

bench_shared = bench/bench_machine.c bench/bench_machine.h

bench_bench_gemm_SOURCES = bench/bench_gemm.c bench/bench_shapes.c bench/bench_shapes.h $(bench_shared)
bench_bench_gemm_LDADD = libthor.la
