reproduce_tests = \
	tests/reproduce/check_claims \
	tests/reproduce/check_job_files \
	tests/reproduce/check_plan_of_jobs \
	tests/reproduce/check_reproduce_report \
	tests/reproduce/check_similarity
check_PROGRAMS += $(reproduce_tests)
TESTS += $(reproduce_tests) tests/reproduce/one-table.sh
dist_check_SCRIPTS += tests/reproduce/one-table.sh
tests_reproduce_check_claims_LDADD = $(thor_test_libs)
tests_reproduce_check_job_files_LDADD = $(thor_test_libs)
tests_reproduce_check_plan_of_jobs_LDADD = $(thor_test_libs)
tests_reproduce_check_reproduce_report_SOURCES = tests/reproduce/check_reproduce_report.c \
	tests/reproduce/made_results.c tests/reproduce/made_results.h
tests_reproduce_check_reproduce_report_LDADD = $(thor_test_libs)
tests_reproduce_check_similarity_LDADD = $(thor_test_libs)
