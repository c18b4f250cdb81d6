check_PROGRAMS += tests/api/check_session tests/api/say_line
dist_check_SCRIPTS += tests/api/library.sh
TESTS += tests/api/check_session tests/api/library.sh
tests_api_check_session_LDADD = $(thor_test_libs) -lpthread
tests_api_say_line_LDADD = $(thor_test_libs)
