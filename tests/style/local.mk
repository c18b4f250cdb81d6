style_tests = \
	tests/style/circles.sh \
	tests/style/files.sh \
	tests/style/includes.sh \
	tests/style/man.sh \
	tests/style/options.sh \
	tests/style/systems.sh \
	tests/style/types.sh
dist_check_SCRIPTS += $(style_tests)
TESTS += $(style_tests)
