cli_tests = \
	tests/cli/program.sh \
	tests/cli/resume.sh \
	tests/cli/train.sh
	tests/cli/prepare.sh \
	tests/cli/program.sh
	tests/cli/program.sh \
	tests/cli/vocab.sh
dist_check_SCRIPTS += $(cli_tests)
TESTS += $(cli_tests)
EXTRA_DIST += tests/cli/tiny-corpus.sh
