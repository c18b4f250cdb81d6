fuzz_programs = \
	tests/fuzz/fuzz_charsmap \
	tests/fuzz/fuzz_checkpoint \
	tests/fuzz/fuzz_checksums \
	tests/fuzz/fuzz_config \
	tests/fuzz/fuzz_golden \
	tests/fuzz/fuzz_lines \
	tests/fuzz/fuzz_manifest \
	tests/fuzz/fuzz_metrics \
	tests/fuzz/fuzz_options \
	tests/fuzz/fuzz_prepared \
	tests/fuzz/fuzz_safetensors \
	tests/fuzz/fuzz_score \
	tests/fuzz/fuzz_score_table \
	tests/fuzz/fuzz_text \
	tests/fuzz/fuzz_vocab
check_PROGRAMS += $(fuzz_programs)
# With a fuzzer its library has main; without one replay.c has it.
fuzz_parts = tests/fuzz/fuzz.c tests/fuzz/fuzz.h
if ! FUZZING
fuzz_parts += tests/fuzz/replay.c
endif
fuzz_libs = libparts.la $(JANSSON_LIBS) $(FUZZING_LIBS)
tests_fuzz_fuzz_charsmap_SOURCES = tests/fuzz/fuzz_charsmap.c $(fuzz_parts)
tests_fuzz_fuzz_charsmap_LDADD = $(fuzz_libs)
tests_fuzz_fuzz_checkpoint_SOURCES = tests/fuzz/fuzz_checkpoint.c $(fuzz_parts)
tests_fuzz_fuzz_checkpoint_LDADD = $(fuzz_libs)
tests_fuzz_fuzz_checksums_SOURCES = tests/fuzz/fuzz_checksums.c $(fuzz_parts)
tests_fuzz_fuzz_checksums_LDADD = $(fuzz_libs)
tests_fuzz_fuzz_config_SOURCES = tests/fuzz/fuzz_config.c $(fuzz_parts)
tests_fuzz_fuzz_config_LDADD = $(fuzz_libs)
tests_fuzz_fuzz_golden_SOURCES = tests/fuzz/fuzz_golden.c $(fuzz_parts)
tests_fuzz_fuzz_golden_LDADD = $(fuzz_libs)
tests_fuzz_fuzz_lines_SOURCES = tests/fuzz/fuzz_lines.c $(fuzz_parts)
tests_fuzz_fuzz_lines_LDADD = $(fuzz_libs)
tests_fuzz_fuzz_manifest_SOURCES = tests/fuzz/fuzz_manifest.c src/cli/manifest.c $(fuzz_parts)
tests_fuzz_fuzz_manifest_LDADD = $(fuzz_libs)
tests_fuzz_fuzz_metrics_SOURCES = tests/fuzz/fuzz_metrics.c $(fuzz_parts)
tests_fuzz_fuzz_metrics_LDADD = $(fuzz_libs)
tests_fuzz_fuzz_options_SOURCES = tests/fuzz/fuzz_options.c src/cli/opt.c src/cli/opt_help.c $(fuzz_parts)
tests_fuzz_fuzz_options_LDADD = $(fuzz_libs)
tests_fuzz_fuzz_prepared_SOURCES = tests/fuzz/fuzz_prepared.c $(fuzz_parts)
tests_fuzz_fuzz_prepared_LDADD = $(fuzz_libs)
tests_fuzz_fuzz_safetensors_SOURCES = tests/fuzz/fuzz_safetensors.c $(fuzz_parts)
tests_fuzz_fuzz_safetensors_LDADD = $(fuzz_libs)
tests_fuzz_fuzz_score_SOURCES = tests/fuzz/fuzz_score.c $(fuzz_parts)
tests_fuzz_fuzz_score_LDADD = $(fuzz_libs)
tests_fuzz_fuzz_score_table_SOURCES = tests/fuzz/fuzz_score_table.c $(fuzz_parts)
tests_fuzz_fuzz_score_table_LDADD = $(fuzz_libs)
tests_fuzz_fuzz_text_SOURCES = tests/fuzz/fuzz_text.c $(fuzz_parts)
tests_fuzz_fuzz_text_LDADD = $(fuzz_libs)
tests_fuzz_fuzz_vocab_SOURCES = tests/fuzz/fuzz_vocab.c $(fuzz_parts)
tests_fuzz_fuzz_vocab_LDADD = $(fuzz_libs)
TESTS += tests/fuzz/fuzz.sh
dist_check_SCRIPTS += tests/fuzz/fuzz.sh
EXTRA_DIST += tests/fuzz/config.dict tests/fuzz/long.sh tests/fuzz/replay.c tests/fuzz/safetensors.dict tests/fuzz/seeds.sh

# make fuzz TIME=60 [TARGET=safetensors], in a build with --enable-fuzzing
fuzz: thor$(EXEEXT) $(fuzz_programs)
	@THOR=./thor$(EXEEXT) srcdir='$(srcdir)' TIME='$(TIME)' TARGET='$(TARGET)' $(SHELL) $(srcdir)/tests/fuzz/long.sh
.PHONY: fuzz
