check_LTLIBRARIES += tests/ref/libref.la
tests_ref_libref_la_SOURCES = tests/ref/fixture.c tests/ref/fixture.h tests/ref/fixture_batch.c tests/ref/ref_attention.c \
	tests/ref/ref_difference.c tests/ref/ref_layers.c tests/ref/ref_losses.c tests/ref/ref_mixture.c \
	tests/ref/ref_model.c tests/ref/ref_parameters.c tests/ref/ref_parts.h tests/ref/ref_select.c \
	tests/ref/ref_systems.c tests/ref/ref_table.c tests/ref/ref_tape.c tests/ref/ref_tape.h tests/ref/ref_tape_systems.c tests/ref/ref_task.c tests/ref/reference.h

check_PROGRAMS += tests/ref/check_reference
tests_ref_check_reference_LDADD = tests/ref/libref.la $(core_test_libs)
TESTS += tests/ref/check_reference

check_PROGRAMS += tests/ref/check_systems
tests_ref_check_systems_LDADD = tests/ref/libref.la $(core_test_libs)
TESTS += tests/ref/check_systems
