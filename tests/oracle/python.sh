# Sourced: $python is a Python that knows PyTorch. Without one the script that sources this is skipped (exit 77), or
# fails where THOR_REQUIRE_ORACLE is set, as it has to be wherever the oracle is promised to run.
export PYTHONDONTWRITEBYTECODE=1
export OMP_WAIT_POLICY="${OMP_WAIT_POLICY:-passive}"
python=
for candidate in ${PYTHON:-} python3 /usr/bin/python3; do
    if "$candidate" -c 'import torch' 2> /dev/null; then python=$candidate && break; fi
done
if [ -z "$python" ]; then
    echo 'skipped: no python3 with PyTorch was found (Debian: python3-torch; or set PYTHON)'
    [ -z "${THOR_REQUIRE_ORACLE:-}" ] || exit 1
    exit 77
fi
