# Programs that measure; `make bench` builds and runs them. List each in both.
bench_programs =
EXTRA_PROGRAMS +=
