score_tests = \
	tests/score/check_averages \
	tests/score/check_bleu \
	tests/score/check_bootstrap \
	tests/score/check_chrf \
	tests/score/check_ngram \
	tests/score/check_score_job \
	tests/score/check_score_lines \
	tests/score/check_significance \
	tests/score/check_ter \
	tests/score/check_tokenize
check_PROGRAMS += $(score_tests)
TESTS += $(score_tests) tests/score/significance.sh
dist_check_SCRIPTS += tests/score/significance.sh
# Started by significance.sh.
check_PROGRAMS += tests/score/dump_significance
tests_score_dump_significance_SOURCES = tests/score/dump_significance.c tests/score/made_scores.h
tests_score_dump_significance_LDADD = $(thor_test_libs)
EXTRA_DIST += tests/score/significance.py
tests_score_check_averages_LDADD = $(thor_test_libs)
tests_score_check_bleu_SOURCES = tests/score/check_bleu.c tests/score/texts.h
tests_score_check_bleu_LDADD = $(thor_test_libs)
tests_score_check_bootstrap_SOURCES = tests/score/check_bootstrap.c tests/score/texts.h
tests_score_check_bootstrap_LDADD = $(thor_test_libs)
tests_score_check_chrf_SOURCES = tests/score/check_chrf.c tests/score/texts.h
tests_score_check_chrf_LDADD = $(thor_test_libs)
tests_score_check_ngram_LDADD = $(thor_test_libs)
tests_score_check_score_job_LDADD = $(thor_test_libs)
tests_score_check_score_lines_LDADD = $(thor_test_libs)
tests_score_check_significance_SOURCES = tests/score/check_significance.c tests/score/made_scores.h
tests_score_check_significance_LDADD = $(thor_test_libs)
tests_score_check_ter_SOURCES = tests/score/check_ter.c tests/score/texts.h
tests_score_check_ter_LDADD = $(thor_test_libs)
tests_score_check_tokenize_LDADD = $(thor_test_libs)
