cli_tests = \
	tests/cli/average.sh \
	tests/cli/completion.sh \
	tests/cli/doctor.sh \
	tests/cli/golden.sh \
	tests/cli/golden-compare.sh \
	tests/cli/golden-data.sh \
	tests/cli/inspect.sh \
	tests/cli/language-systems.sh \
	tests/cli/prepare.sh \
	tests/cli/program.sh \
	tests/cli/reproduce.sh \
	tests/cli/resume.sh \
	tests/cli/score.sh \
	tests/cli/systems.sh \
	tests/cli/text-habits.sh \
	tests/cli/train.sh \
	tests/cli/translate.sh \
	tests/cli/vocab.sh \
	tests/long/score-sacrebleu.sh
dist_check_SCRIPTS += $(cli_tests)
TESTS += $(cli_tests)
EXTRA_DIST += tests/cli/tiny-corpus.sh tests/long/score-sacrebleu.py
