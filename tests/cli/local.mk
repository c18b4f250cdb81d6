cli_tests = \
	tests/cli/program.sh \
	tests/cli/resume.sh \
	tests/cli/train.sh
	tests/cli/inspect.sh \
	tests/cli/prepare.sh \
	tests/cli/program.sh \
	tests/cli/translate.sh \
	tests/cli/vocab.sh
	tests/cli/program.sh \
	tests/cli/score.sh \
	tests/long/score-sacrebleu.sh
EXTRA_DIST += tests/long/score-sacrebleu.py
dist_check_SCRIPTS += $(cli_tests)
TESTS += $(cli_tests)
EXTRA_DIST += tests/cli/tiny-corpus.sh
