# Eight shards give one digest, whatever computes them: one after another, in the opposite order, on a thread each; with
# every table of kernels that runs here.
set -u
program=./tests/cross/core_digest
failed=0
digest() { OMP_WAIT_POLICY=passive $program "$@"; }
expected=$(digest thor-topp tiny 2 auto 1 ordered)
[ ${#expected} = 64 ] || { echo "no digest: $expected"; exit 1; }

for words in 'scalar 1 together' 'auto 3 ordered' 'auto 2 reversed' 'auto 1 together' 'checked 2 ordered'; do
    # shellcheck disable=SC2086 # words on purpose
    found=$(digest thor-topp tiny 2 $words)
    [ "$found" = "$expected" ] && continue
    echo "$words: $found instead of $expected; again: $program thor-topp tiny 2 $words"
    failed=1
done
[ "$(digest thor-topp tiny 3 auto 1 ordered)" != "$expected" ] || { echo "another step leaves the digest as it was"; failed=1; }
exit $failed
