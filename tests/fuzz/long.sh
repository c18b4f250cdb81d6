# Real fuzzing: every target for TIME seconds (60), in a build made with --enable-fuzzing. What is found lies in
# fuzz-found/; put it into tests/fuzz/found/NAME with the fix. Inputs that reach new code are kept in fuzz-corpus/.
set -u
top=${srcdir:-.}
time=${TIME:-60}
mkdir -p fuzz-found fuzz-corpus
[ -d fuzz-seeds ] || sh "$top/tests/fuzz/seeds.sh" fuzz-seeds || exit 1
THOR_FUZZ_SEEDS=$PWD/fuzz-seeds
export THOR_FUZZ_SEEDS
failed=0
for program in tests/fuzz/fuzz_*; do
    [ -x "$program" ] && [ ! -d "$program" ] || continue
    name=${program#tests/fuzz/fuzz_}
    [ -z "${TARGET:-}" ] || [ "$TARGET" = "$name" ] || continue
    "$program" -help=1 2>&1 | grep -q libFuzzer || { echo "fuzz: configure with --enable-fuzzing CC=clang"; exit 1; }
    mkdir -p "fuzz-corpus/$name"
    dictionary=
    [ -f "$top/tests/fuzz/$name.dict" ] && dictionary="-dict=$top/tests/fuzz/$name.dict"
    # shellcheck disable=SC2086 # nothing or one word
    "$program" -max_total_time="$time" -timeout=20 -rss_limit_mb=2048 -max_len=65536 -print_final_stats=1 \
        -artifact_prefix="fuzz-found/$name-" $dictionary "fuzz-corpus/$name" "fuzz-seeds/$name" \
        > "fuzz-found/$name.log" 2>&1 || { failed=1; echo "$name: FOUND, see fuzz-found/$name.log"; }
    runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "fuzz-found/$name.log")
    coverage=$(grep -o 'cov: [0-9]*' "fuzz-found/$name.log" | tail -n 1)
    echo "$name: $time s, ${runs:-?} executions, ${coverage:-no coverage}"
done
exit $failed
