report_tests = tests/report/check_compare tests/report/check_judge tests/report/check_report
check_PROGRAMS += $(report_tests)
TESTS += $(report_tests)
tests_report_check_compare_SOURCES = tests/report/check_compare.c tests/report/pair.h
tests_report_check_compare_LDADD = $(thor_test_libs)
tests_report_check_judge_SOURCES = tests/report/check_judge.c tests/report/pair.h
tests_report_check_judge_LDADD = $(thor_test_libs)
tests_report_check_report_LDADD = $(thor_test_libs)
