# thor train: what it refuses with which words, what it prints, what it leaves.
set -u
thor=${THOR:-./thor}
source_folder=${srcdir:-.}
scratch=$(mktemp -d ./scratch-train-XXXXXX)
trap 'rm -rf "$scratch"' EXIT
failed=0
OMP_WAIT_POLICY=passive
export OMP_WAIT_POLICY

. "$source_folder/tests/cli/tiny-corpus.sh"
tiny_corpus "$scratch/corpus"
"$thor" prepare "$scratch/corpus" -o "$scratch/data" --vocab-size 120 -q > /dev/null 2> "$scratch/err" ||
    { echo "thor prepare failed:"; cat "$scratch/err"; exit 1; }
data=$scratch/data run=$scratch/run

complain() { echo "$*"; echo "again: THOR=$thor srcdir=$source_folder sh tests/cli/train.sh"; failed=1; }

# expect CODE PATTERN OPTION …: the exit code, and one line of standard error like the pattern.
expect() {
    code=$1 pattern=$2
    shift 2
    got=0
    "$thor" train -q "$@" > "$scratch/out" 2> "$scratch/err" || got=$?
    if [ $got != "$code" ] || ! grep -qE -- "$pattern" "$scratch/err" || [ "$(wc -l < "$scratch/err")" != 1 ]; then
        complain "thor train $*: exit $got (expected $code), expected one line '$pattern', got: $(cat "$scratch/err")"
    fi
}

# ---- refused before any work ----
expect 2 '^thor train: -o is missing'
expect 2 '^thor train: --recipe is missing' -o "$run"
expect 2 "^thor train: recipe 'thor-top3' is unknown; there are dense," -o "$run" --recipe thor-top3
expect 2 "^thor train: scale 'huge' is unknown" -o "$run" --recipe dense --scale huge
expect 2 "there is no key 'model.widht'; the nearest is model.width" -o "$run" --recipe dense --set model.widht=4
expect 2 'model.width is 3, but has to be a whole number from 4' -o "$run" --recipe dense --set model.width=3
expect 2 'router.k is 9, but a token can choose among 8' -o "$run" --recipe thor-top2 --set router.k=9
expect 2 '--data is missing' -o "$run" --recipe dense --scale tiny
expect 1 "$scratch/nothing" -o "$run" --recipe dense --scale tiny --data "$scratch/nothing"
expect 2 "'operand' is not an option" operand
expect 2 '--resume and --overwrite' -o "$run" --resume --overwrite
expect 2 '--best-by=luck: expected perplexity' -o "$run" --recipe dense --best-by luck
expect 2 '--max-time=soon: expected a time' -o "$run" --recipe dense --max-time soon
expect 2 'router.k is 2, but residual.form = softmax chooses one expert a token; try --set' -o "$run" --recipe residual-moe \
    --set residual.form=softmax
expect 2 "'de-xx' is not a direction" -o "$run" --recipe dense --scale tiny --data "$data" --directions en-de,de-xx
expect 2 "instruction set 'mmx'" -o "$run" --recipe dense --scale tiny --data "$data" --isa mmx
expect 1 'the machine has' -o "$run" --recipe dense --data "$data" --set model.width=16384 --set model.ffn_width=262144
echo '{' > "$scratch/config.json"
expect 1 'config.json:[0-9]*: not JSON' -o "$run" --recipe "$scratch/config.json"
[ ! -e "$run" ] || complain "something that was refused left $run"

# ---- the configuration and the plan ----
"$thor" train --recipe thor-top2 --scale small --set seed=5 --print-config > "$scratch/config.json" || complain "--print-config failed"
"$thor" train --recipe "$scratch/config.json" --print-config > "$scratch/again.json" || complain "its output cannot be read"
cmp "$scratch/config.json" "$scratch/again.json" || complain "--print-config does not read back"
"$thor" train --recipe thor-top2 --scale tiny --data "$data" --directions '*-en' --print-config | tr -d '\n ' |
    grep -q '"pairs":\["de-en","fr-en"\]' || complain "--directions '*-en' are not de-en and fr-en"
# pairs_of OPTION …: the directions of a configuration on the data.
pairs_of() { "$thor" train --recipe dense --scale tiny --data "$data" "$@" --print-config | tr -d '\n ' | sed 's/.*"pairs":\[\([^]]*\)\].*/\1/'; }
[ "$(pairs_of --setup multidomain)" = '"de-en","fr-en"' ] || complain "--setup multidomain trains $(pairs_of --setup multidomain)"
[ "$(pairs_of --setup multidomain --directions en-de)" = '"en-de"' ] || complain "--directions does not overrule the set-up"
[ "$(pairs_of --setup multidomain --set pairs=en-fr)" = '"en-fr"' ] || complain "pairs do not overrule the set-up"
[ "$(pairs_of --setup multilingual)" = "$(pairs_of)" ] || complain "multilingual is not the default"
expect 2 'setup=both: expected multilingual or multidomain' --setup both --recipe dense -o "$run"
expect 2 'task.label is domain, but there are no domains' --setup multidomain --recipe thor-top2 --scale tiny --data "$data" -o "$run"
"$thor" train --recipe thor-top2 --scale tiny --data "$data" --dry-run > "$scratch/out" 2> "$scratch/err" || complain "--dry-run failed"
grep -q '^parameters: [0-9]* in 99 tensors' "$scratch/err" && grep -q 'together' "$scratch/err" && grep -q '^work: ' "$scratch/err" ||
    complain "--dry-run said: $(cat "$scratch/err")"
[ ! -e "$run" ] || complain "--dry-run left $run"

# ---- a run, and what may go on ----
small="--scale tiny --set batch.max_tokens=150 --set batch.max_pieces=60 -j 1"
# shellcheck disable=SC2086 # words
"$thor" train --recipe thor-top2 $small --data "$data" -o "$run" --updates 12 --validate-every 5 > "$scratch/out" 2> "$scratch/err" ||
    complain "a run failed: $(cat "$scratch/err")"
for file in config.json metrics.jsonl last/config.json last/vocab.model last/weights.safetensors last/optimizer.safetensors \
    last/state.json last/SHA256SUMS best/config.json best/vocab.model best/weights.safetensors; do
    [ -s "$run/$file" ] || complain "$file is missing or empty"
done
cmp "$run/last/vocab.model" "$data/vocab.model" || complain "vocab.model is not the data's"
[ "$(grep -c '"validation":true' "$run/metrics.jsonl")" = 2 ] || complain "metrics.jsonl has not 2 validations"
[ "$(grep -c '"gradient_norm"' "$run/metrics.jsonl")" = 12 ] || complain "metrics.jsonl has not 12 updates"
grep -q '"vocab_ids"\|"ids": [1-9]' "$run/last/config.json" || complain "config.json has no vocab.ids"
grep -q 'memory:' "$scratch/err" && grep -q '10 validation: loss' "$scratch/err" || complain "it said: $(cat "$scratch/err")"

# shellcheck disable=SC2086
expect 2 'already holds a run: --resume' --recipe thor-top2 $small --data "$data" -o "$run"
expect 2 'batch.shards is 2 in .*, but 1 now' --resume --set batch.shards=1 --data "$data" -o "$run"
expect 2 'model.width is 32 in .*, but 64 now|shape' --resume --set model.width=64 --data "$data" -o "$run"
"$thor" train --resume --set optimizer.lr=0.001 --data "$data" -o "$run" -j 1 --updates 14 > "$scratch/out" 2> "$scratch/err" ||
    complain "going on failed: $(cat "$scratch/err")"
grep -q '^changed: optimizer.lr from 0.0005 to 0.001$' "$scratch/err" && grep -q 'going on from .*update 12' "$scratch/err" ||
    complain "going on said: $(cat "$scratch/err")"

sed 's/hund/katze/' "$scratch/corpus/train.de" > "$scratch/other" && mv "$scratch/other" "$scratch/corpus/train.de"
"$thor" prepare "$scratch/corpus" -o "$scratch/other" --vocab "$data/vocab.model" -q > /dev/null 2> "$scratch/err" ||
    complain "thor prepare failed: $(cat "$scratch/err")"
expect 2 'was trained on other data' --resume --data "$scratch/other" -o "$run"
rm -rf "$scratch/other"
"$thor" prepare "$scratch/corpus" -o "$scratch/other" --vocab-size 120 -q > /dev/null 2> "$scratch/err" ||
    complain "thor prepare failed: $(cat "$scratch/err")"
expect 2 'another vocabulary|vocab.ids is' --resume --data "$scratch/other" -o "$run"

# ---- checkpoints that are damaged ----
damage() {
    rm -rf "$scratch/bad"
    cp -R "$run" "$scratch/bad"
    rm "$scratch/bad/last/SHA256SUMS"
}
damage
mv "$scratch/bad/last/state.json" "$scratch/state" && cp "$run/last/SHA256SUMS" "$scratch/bad/last" &&
    sed 's/"updates": 1/"updates": 2/' "$scratch/state" > "$scratch/bad/last/state.json"
expect 1 'last/state.json: its SHA-256 is .* but SHA256SUMS says' --resume --data "$data" -o "$scratch/bad" --updates 20
damage
head -c 5000 "$run/last/weights.safetensors" > "$scratch/bad/last/weights.safetensors"
expect 1 'weights.safetensors' --resume --data "$data" -o "$scratch/bad" --updates 20
damage
rm "$scratch/bad/last/optimizer.safetensors"
expect 1 'optimizer.safetensors: cannot open' --resume --data "$data" -o "$scratch/bad" --updates 20
damage
echo '{' > "$scratch/bad/last/state.json"
expect 1 'state.json:[0-9]*: not a JSON object' --resume --data "$data" -o "$scratch/bad" --updates 20
damage
echo '{"model": {"width": -1}}' > "$scratch/bad/last/config.json"
expect 1 'last/config.json: model.width is -1' --resume --data "$data" -o "$scratch/bad" --updates 20

# ---- numbers that are not finite ----
got=0
# shellcheck disable=SC2086
"$thor" train -q --recipe dense $small --data "$data" -o "$scratch/wild" --set optimizer.lr=1e6 --set schedule.warmup=1 \
    --set optimizer.clip_norm=0 --updates 100 > "$scratch/out" 2> "$scratch/err" || got=$?
if [ $got = 1 ]; then
    grep -q 'is not finite' "$scratch/err" || complain "a wild learning rate: $(cat "$scratch/err")"
    [ -f "$scratch/wild/last/state.json" ] || complain "what stood before the bad update was not saved"
elif [ $got != 0 ]; then
    complain "a wild learning rate: exit $got"
fi

exit $failed
