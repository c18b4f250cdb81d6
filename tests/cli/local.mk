cli_tests = \
	tests/cli/prepare.sh \
	tests/cli/program.sh
	tests/cli/program.sh \
	tests/cli/vocab.sh
	tests/cli/program.sh \
	tests/cli/score.sh \
	tests/long/score-sacrebleu.sh
EXTRA_DIST += tests/long/score-sacrebleu.py
dist_check_SCRIPTS += $(cli_tests)
TESTS += $(cli_tests)
