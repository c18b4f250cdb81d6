# Bootstrap over means, permutation test, Holm and Kendall against numpy.
set -eu
python=
for candidate in ${PYTHON:-} python3 /usr/bin/python3; do
    if "$candidate" -c 'import numpy' 2> /dev/null; then python=$candidate && break; fi
done
[ -n "$python" ] || { echo 'skipped: no python3 with numpy was found (Debian: python3-numpy; or set PYTHON)'; exit 77; }
tests/score/dump_significance > scratch-significance
status=0
PYTHONDONTWRITEBYTECODE=1 "$python" "${srcdir:-.}/tests/score/significance.py" < scratch-significance || status=$?
rm -f scratch-significance
[ $status = 0 ] || echo "again: srcdir=${srcdir:-.} sh ${srcdir:-.}/tests/score/significance.sh"
exit $status
