cli_tests = \
	tests/cli/program.sh
dist_check_SCRIPTS += $(cli_tests)
TESTS += $(cli_tests)
