check_PROGRAMS += tests/api/check_session
TESTS += tests/api/check_session
tests_api_check_session_LDADD = $(thor_test_libs)
