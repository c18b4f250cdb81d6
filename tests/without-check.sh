# Stands in the list of tests when configure did not find Check.
echo "the unit tests are skipped: Check was not found when configure ran (Debian: apt install check)"
exit 77
