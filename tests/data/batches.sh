# The sampler against a plain program that was written from thor-data(5): the same sentences in the same batches in the same
# order, for temperatures, sizes, epochs and places to go on from. That program also checks the columns of the folder.
set -u
thor=${THOR:-./thor} dump=${DUMP_BATCHES:-tests/data/dump_batches}
here=${srcdir:-.}/tests/data
scratch=$(mktemp -d ./scratch-batches-XXXXXX)
trap 'rm -rf "$scratch"' EXIT
failed=0

command -v python3 > /dev/null || { echo "skipped: no python3"; exit 77; }
[ -x "$dump" ] || { echo "skipped: $dump is not built (it comes with the unit tests)"; exit 77; }

# Three pairs of different sizes, with sentences of 1 to 60 words.
for pair in "aa-en 300" "cc-en 90" "dd-en 20"; do
    name=${pair% *} lines=${pair#* }
    mkdir -p "$scratch/opus/$name"
    for side in ${name%-*} ${name#*-}; do
        awk -v side="$side" -v lines="$lines" 'BEGIN {
            for (i = 0; i < lines; i++) {
                words = 1 + int((i * 7919 + (side == "en" ? 13 : 29) * i % 11) % 60)
                for (j = 0; j < words; j++) printf "%s%s", j ? " " : "", substr("abcdefghijklmnop", 1 + (i * 31 + j * 7) % 16, 1)
                print ""
            } }' > "$scratch/opus/$name/opus.$name-train.$side"
    done
done
"$thor" prepare -q "$scratch/opus" -o "$scratch/data" --vocab-size 40 --max-pieces 0 > /dev/null 2>&1 ||
    { echo "thor prepare failed; again: THOR=$thor sh $here/batches.sh"; exit 1; }

# same RECIPE CLS WORD…: both programs print the same.
same() {
    recipe=$1 cls=$2
    shift 2
    "$dump" "$scratch/data" "$recipe" "$@" > "$scratch/ours" 2>&1 || { cat "$scratch/ours"; failed=1; }
    python3 "$here/batches.py" "$scratch/data" "$cls" "$@" > "$scratch/theirs" || failed=1
    [ -s "$scratch/ours" ] || { echo "no batches for $recipe $*"; failed=1; }
    cmp "$scratch/ours" "$scratch/theirs" ||
        { echo "DIFFERENT: $recipe $*"; echo "again: THOR=$thor DUMP_BATCHES=$dump sh $here/batches.sh"; failed=1; }
}

#               seed temperature tokens pieces shards epoch batch steps
same st-moe    0 1          1.5    512    200      3     0     0   400
same thor-top2 1 1          1.5    200     60      1     0     0   300
same st-moe    0 7          1        70    60      8     2     0    90
same st-moe    0 12345678901 5     1000    30      4     5     7    40
same thor-top2 1 3          100   65000   100      2     1     0    12
if [ -n "${THOR_TEST_LONG:-}" ]; then
    for seed in 1 2 3 4 5 6 7 8 9 10; do
        same st-moe 0 $seed 1.5 $((100 + 37 * seed)) 60 $seed $seed 1 500
        same thor-top2 1 $seed 2.5 $((100 + 301 * seed)) $((20 + 5 * seed)) 1 0 0 500
    done
fi
exit $failed
