dist_check_SCRIPTS +=
TESTS +=
