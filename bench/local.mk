# Programs that measure; `make bench` builds and runs them. List each in both.
bench_programs = bench/bench_gemm bench/bench_kernels bench/bench_step
EXTRA_PROGRAMS += bench/bench_gemm bench/bench_kernels bench/bench_step

bench_shared = bench/bench_machine.c bench/bench_machine.h

bench_bench_gemm_SOURCES = bench/bench_gemm.c bench/bench_shapes.c bench/bench_shapes.h $(bench_shared)
bench_bench_gemm_LDADD = libparts.la

bench_bench_kernels_SOURCES = bench/bench_kernels.c $(bench_shared)
bench_bench_kernels_LDADD = libparts.la

bench_bench_step_SOURCES = bench/bench_step.c bench/bench_work.c bench/bench_work.h $(bench_shared)
bench_bench_step_LDADD = libparts.la

# No measurement of its own: it makes the corpus that thor vocab and thor prepare are measured with at full size.
EXTRA_PROGRAMS += bench/synthetic_opus
bench_synthetic_opus_SOURCES = bench/synthetic_opus.c
bench_synthetic_opus_LDADD = libcore.la

# The same steps in PyTorch, where it is installed: run by hand, beside bench_step.
EXTRA_DIST += bench/peers/torch_step.py
