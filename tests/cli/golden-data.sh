# The quick part of data/golden: what is stored there is what is computed now, by the scalar kernels too.
set -u
part=quick
[ -z "${THOR_TEST_LONG:-}" ] || part=all
exec sh "${srcdir:-.}/data/golden/recompute.sh" $part
