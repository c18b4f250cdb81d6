# Systems that route by language: trained, stopped at three places and gone on with to the same bits, translated, looked
# at; groups that grow by their rule wherever the run stopped; settings that are refused.
set -u
thor=${THOR:-./thor}
source_folder=${srcdir:-.}
scratch=$(mktemp -d ./scratch-language-XXXXXX)
trap 'rm -rf "$scratch"' EXIT
failed=0
OMP_WAIT_POLICY=passive
export OMP_WAIT_POLICY

# de and en count as high, fy as low; no language is medium.
. "$source_folder/tests/cli/tiny-corpus.sh"
tiny_corpus "$scratch/corpus"
for split in train val; do mv "$scratch/corpus/$split.fr" "$scratch/corpus/$split.fy"; done
"$thor" prepare "$scratch/corpus" -o "$scratch/data" --vocab-size 120 -q > /dev/null 2> "$scratch/err" ||
    { echo "thor prepare failed:"; cat "$scratch/err"; exit 1; }

complain() { echo "$*"; echo "again: THOR=$thor srcdir=$source_folder sh tests/cli/language-systems.sh"; failed=1; }
sum() { cat "$scratch/$1/last/weights.safetensors" "$scratch/$1/last/optimizer.safetensors" | cksum; }
train() {
    run=$1
    shift
    "$thor" train "$@" --scale tiny --set batch.max_pieces=60 --set batch.max_tokens=150 --data "$scratch/data" \
        -o "$scratch/$run" -j 1 -q
}

# ---- each system ----
try_system() {
    name=$1
    shift
    train "$name" "$@" --updates 8 || { complain "$name: the whole run failed"; return; }
    for updates in 2 3 6 8; do
        train "$name-parts" "$@" --resume --updates $updates || complain "$name: the part up to $updates failed"
    done
    [ "$(sum "$name")" = "$(sum "$name-parts")" ] || complain "$name: stopped at 2, 3 and 6: other bits"
    "$thor" translate -q -m "$scratch/$name" --from en --to fy --beam 2 -i "$scratch/corpus/val.en" \
        -o "$scratch/$name.fy" || complain "$name: not translated"
    [ "$(wc -l < "$scratch/$name.fy")" = 20 ] || complain "$name: $(wc -l < "$scratch/$name.fy") lines, not 20"
    "$thor" translate -q -m "$scratch/$name" --from en < "$scratch/corpus/val.en" > /dev/null 2> "$scratch/err" &&
        complain "$name: translated without --to"
    grep -q -- '--to is missing' "$scratch/err" || complain "$name: without --to: $(cat "$scratch/err")"
    "$thor" inspect -m "$scratch/$name" --data "$scratch/data" --split valid > "$scratch/out" 2>&1 ||
        complain "$name: inspect: $(cat "$scratch/out")"
}
try_system hybrid --recipe hybrid-moe
try_system lingual --recipe lingual-moe
try_system lingual-topp --recipe lingual-moe --set router.policy=top_p --set moe.capacity_factor=0
try_system lingual-alone --recipe lingual-moe --set lingual.family_loss=false

# ---- groups that grow ----
growing() {
    run=$1
    shift
    train "$run" --recipe lingual-moe --set lingual.dynamic=true --set lingual.grow_every=3 --validate-every 12 \
        --validate-batches 1 --set optimizer.lr=0.02 --set schedule.warmup=2 --resume "$@"
}
growth() { grep '"growth":true' "$scratch/$1/metrics.jsonl"; }
growing grown --updates 12 || complain 'a run with growing groups failed'
for updates in 3 4 9 12; do
    growing grown-parts --updates $updates || complain "growing: the part up to $updates failed"
done
[ "$(sum grown)" = "$(sum grown-parts)" ] || complain 'growing groups, stopped at 3, 4 and 9: other bits'
growth grown > "$scratch/expected"
growth grown-parts > "$scratch/got"
cmp "$scratch/expected" "$scratch/got" || complain "stops moved the growth: $(cat "$scratch/got")"
cmp "$scratch/grown/last/config.json" "$scratch/grown-parts/last/config.json" || complain 'stops changed lingual.sizes'
# By the rule: a class above the lowest perplexity so far grows by one, one without sentences stays.
sed 's/[^0-9.,:a-z_]//g; s/.*step://; s/,[a-z_]*:/ /g; s/classes:high:/ /; s/,/ /g; s/[a-z_]*://g' "$scratch/expected" |
    awk 'BEGIN { high = medium = low = 4 }
    {   if (NR == 1 || $2 < best) best = $2
        if ($4 > best) high++
        if ($6 > best) low++
        if (high > 8) high = 8
        if (low > 8) low = 8
        if ($3 != best || $5 != "null" || $7 != high || $8 != medium || $9 != low) { print "line " NR ": " $0; exit 1 }
        if (high + low > 8) grew = 1
    }
    END { exit NR != 4 || !grew }' > "$scratch/out" || complain "not by the rule: $(cat "$scratch/out" "$scratch/expected")"
"$thor" translate -q -m "$scratch/grown" --from en --to fy -i "$scratch/corpus/val.en" -o "$scratch/grown.fy" ||
    complain 'grown groups were not translated'
"$thor" inspect --losses "$scratch/grown" > "$scratch/out" 2>&1 || complain "inspect --losses: $(cat "$scratch/out")"
grep -q '^12 updates' "$scratch/out" || complain "inspect --losses: $(cat "$scratch/out")"

# ---- what is refused ----
refused() {
    sentence=$1
    shift
    "$thor" train --recipe "$@" --scale tiny --print-config > "$scratch/out" 2> "$scratch/err" && complain "not refused: $*"
    grep -qF -- "$sentence" "$scratch/err" || complain "$*: $(cat "$scratch/err"), expected $sentence"
}
refused 'lingual.sizes is written by thor where groups grow and cannot be set; set task.candidates' lingual-moe \
    --set 'lingual.sizes=[4,4,4]'
refused "lingual.families: 'de' appears in two families, 'germanic' and 'slavic'; a language has one family" \
    lingual-moe --set 'lingual.families=germanic en de,slavic bg de'
refused "lingual.families: 'de' appears in two families, 'germanic' and 'germanic'; a language has one family" \
    lingual-moe --set 'lingual.families=germanic de en de'
sizes() {
    printf '{ "moe": { "system": "lingual", "experts": 8 }, "lingual": { "dynamic": true, "sizes": %s }, %s }' "$1" \
        '"task": { "representation": "none", "use": "none" }, "context": { "form": "none" }' > "$scratch/sizes.json"
}
sizes '[8, 8]'
refused 'lingual.sizes is [8,8], but has to be a list of three whole numbers from 1 to 4096: high, medium, low' \
    "$scratch/sizes.json"
sizes '[4, 3, 8]'
refused 'lingual.sizes is [4, 3, 8], but has to be a list of three whole numbers from 4 to 8: high, medium, low' \
    "$scratch/sizes.json"
exit $failed
