file_tests = \
	tests/file/check_average tests/file/check_checkpoint tests/file/check_config_json tests/file/check_safetensors
check_PROGRAMS += $(file_tests)
TESTS += $(file_tests)
tests_file_check_average_LDADD = $(thor_test_libs)
tests_file_check_checkpoint_LDADD = $(thor_test_libs)
tests_file_check_config_json_LDADD = $(thor_test_libs)
tests_file_check_safetensors_LDADD = $(thor_test_libs)
