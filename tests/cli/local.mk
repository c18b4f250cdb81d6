cli_tests = \
	tests/cli/prepare.sh \
	tests/cli/program.sh
	tests/cli/program.sh \
	tests/cli/vocab.sh
dist_check_SCRIPTS += $(cli_tests)
TESTS += $(cli_tests)
