# Every target on what it begins with and on changed forms of it: THOR_FUZZ_RUNS of each input (40; in a build with
# sanitizers they find what a crash does not show). `make fuzz` has real fuzzers look for longer.
set -u
top=${srcdir:-.}
runs=${THOR_FUZZ_RUNS:-40}
scratch=$(mktemp -d ./scratch-fuzz-XXXXXX)
trap 'rm -rf "$scratch"' EXIT
failed=0
sh "$top/tests/fuzz/seeds.sh" "$scratch/seeds" || { echo "seeds.sh failed"; exit 1; }
THOR_FUZZ_SEEDS=$(cd "$scratch/seeds" && pwd)
TMPDIR=$(cd "$scratch" && pwd)
export THOR_FUZZ_SEEDS TMPDIR
for program in tests/fuzz/fuzz_*; do
    [ -x "$program" ] && [ ! -d "$program" ] || continue
    name=${program#tests/fuzz/fuzz_}
    found="$THOR_FUZZ_SEEDS/$name/* "
    [ -d "$top/tests/fuzz/found/$name" ] && found="$found $top/tests/fuzz/found/$name/*"
    # shellcheck disable=SC2086 # names of files
    "$program" -runs="$runs" $found || {
        echo "$name failed; again: sh $top/tests/fuzz/seeds.sh S && THOR_FUZZ_SEEDS=S $program -runs=$runs S/$name/*"
        failed=1
    }
done
exit $failed
