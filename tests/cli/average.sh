# thor average: the mean of a run's checkpoints translates, and what cannot be averaged is refused with one line.
set -u
thor=${THOR:-./thor}
export OMP_WAIT_POLICY="${OMP_WAIT_POLICY:-passive}"
scratch=$(mktemp -d ./scratch-average-XXXXXX)
trap 'rm -rf "$scratch"' EXIT
failed=0

fail() {
    printf '%s\n' "$@"
    echo "again: THOR=$thor sh ${srcdir:-.}/tests/cli/average.sh"
    failed=1
}

# refuse CODE PATTERN WORD…
refuse() {
    code=$1 pattern=$2 got=0
    shift 2
    "$thor" average "$@" > "$scratch/out" 2> "$scratch/err" || got=$?
    [ $got = "$code" ] || fail "thor average $*: exit $got, expected $code" "$(cat "$scratch/err")"
    [ "$(wc -l < "$scratch/err")" -eq 1 ] && grep -q -- "$pattern" "$scratch/err" ||
        fail "thor average $*: expected one line like '$pattern', got:" "$(cat "$scratch/err")"
}

. "${srcdir:-.}/tests/cli/tiny-corpus.sh"
tiny_corpus "$scratch/corpus"
"$thor" prepare -q "$scratch/corpus" --vocab-size 120 -o "$scratch/data" > "$scratch/log" 2>&1 ||
    { fail 'no data to train on:' "$(cat "$scratch/log")"; exit 1; }
go=
for updates in 2 4 6; do
    # shellcheck disable=SC2086
    "$thor" train -q -j 1 --recipe thor-top2 --scale tiny --set search.max_length_b=20 --set batch.shards=1 --data "$scratch/data" \
        -o "$scratch/run" --updates $updates --validate-every 0 $go > "$scratch/log" 2>&1 ||
        { fail 'no model to average:' "$(cat "$scratch/log")"; exit 1; }
    cp -r "$scratch/run/last" "$scratch/run/step-00000$updates"
    sed "s/\"updates\": *[0-9]*/\"updates\": 6/" "$scratch/run/last/config.json" > "$scratch/run/step-00000$updates/config.json"
    rm "$scratch/run/step-00000$updates/SHA256SUMS"
    go=--resume
done

# ---- by name and by number: the same bytes ----
"$thor" average -o "$scratch/named" "$scratch/run/step-000004" "$scratch/run/step-000006" 2> "$scratch/err" ||
    fail 'two checkpoints have no mean:' "$(cat "$scratch/err")"
[ "$(grep -c '^averaged .*step-00000[46]$' "$scratch/err")" = 2 ] || fail 'the checkpoints are not listed' "$(cat "$scratch/err")"
"$thor" average -q --last 2 -o "$scratch/newest" "$scratch/run" 2> "$scratch/err" || fail '--last 2' "$(cat "$scratch/err")"
[ ! -s "$scratch/err" ] || fail '-q is not quiet' "$(cat "$scratch/err")"
for file in config.json state.json vocab.model weights.safetensors SHA256SUMS; do
    cmp "$scratch/named/$file" "$scratch/newest/$file" || fail "$file differs between names and --last"
done
[ ! -e "$scratch/named/optimizer.safetensors" ] || fail 'a mean has optimiser state'
cmp -s "$scratch/named/weights.safetensors" "$scratch/run/step-000006/weights.safetensors" && fail 'the mean is the last one'
grep -q 'step-000004' "$scratch/named/state.json" || fail 'state.json does not name its sources'
echo 'the dog sees the house' | "$thor" translate -q -m "$scratch/named" --from en --to de > "$scratch/out" 2> "$scratch/err" &&
    [ "$(wc -l < "$scratch/out")" -eq 1 ] || fail 'a mean does not translate' "$(cat "$scratch/err")"
"$thor" average -q -o "$scratch/one" "$scratch/run/step-000002" &&
    cmp "$scratch/one/weights.safetensors" "$scratch/run/step-000002/weights.safetensors" || fail 'the mean of one is another'

# ---- what is refused, and leaves nothing ----
refuse 2 '-o is missing' "$scratch/run"
refuse 2 'no checkpoint' -o "$scratch/x"
refuse 2 'exists already' -o "$scratch/run" "$scratch/run/step-000002"
refuse 2 'expected one run' -o "$scratch/x" --last 1 "$scratch/run" "$scratch/run"
refuse 1 'has 3 checkpoints' -o "$scratch/x" --last 4 "$scratch/run"
refuse 1 'no checkpoint there' -o "$scratch/x" "$scratch/data"
sed 's/"beam": *[0-9]*/"beam": 3/' "$scratch/run/step-000004/config.json" > "$scratch/config.json"
mv "$scratch/config.json" "$scratch/run/step-000004/config.json"
refuse 1 'search.beam is 5 in .*, but 3 in' -o "$scratch/x" --last 3 "$scratch/run"
[ ! -e "$scratch/x" ] || fail 'an error left a checkpoint'

exit $failed
