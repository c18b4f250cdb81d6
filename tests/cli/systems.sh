# The systems beside THOR-MoE, each with one expert choice of its own: trained, stopped and gone on with, looked at,
# translated with, and checked as a golden folder, all through the command.
set -u
thor=${THOR:-./thor}
source_folder=${srcdir:-.}
scratch=$(mktemp -d ./scratch-systems-XXXXXX)
trap 'rm -rf "$scratch"' EXIT
failed=0
export OMP_WAIT_POLICY="${OMP_WAIT_POLICY:-passive}"

. "$source_folder/tests/cli/tiny-corpus.sh"
tiny_corpus "$scratch/corpus"
"$thor" prepare "$scratch/corpus" -o "$scratch/data" --vocab-size 120 -q > /dev/null 2> "$scratch/err" ||
    { echo "thor prepare failed:"; cat "$scratch/err"; exit 1; }

complain() {
    printf '%s\n' "$@"
    echo "again: THOR=$thor srcdir=$source_folder sh tests/cli/systems.sh"
    failed=1
}
sum() { cat "$scratch/$1/last/weights.safetensors" "$scratch/$1/last/optimizer.safetensors" | cksum; }

# train RUN OPTION…: with $options.
train() {
    run=$1
    shift
    # shellcheck disable=SC2086 # options are words
    "$thor" train $options --scale tiny --set batch.max_pieces=60 --set batch.max_tokens=150 --data "$scratch/data" \
        -o "$scratch/$run" --validate-every 6 -q "$@" > "$scratch/out" 2>&1 || complain "train $options $*:" "$(cat "$scratch/out")"
}

# ---- stopped at three places, with another number of threads each time: the same bits ----
resume() {
    rm -rf "$scratch/whole" "$scratch/parts"
    train whole -j 1 --updates 12
    train parts -j 2 --resume --updates 3
    train parts -j 3 --resume --updates 7
    train parts -j 1 --resume --updates 10 --isa scalar
    train parts -j 1 --resume --updates 12
    [ "$(sum parts)" = "$(sum whole)" ] || complain "$options: stopped at 3, 7 and 10: other bits"
}

# ---- metrics have the losses of the system: greater than 0 exactly for those named ----
metrics() {
    line=$(grep '"tokens_per_second"' "$scratch/whole/metrics.jsonl" | tail -n 1)
    for loss in task_balance token_balance dynamic budget family; do
        value=$(printf '%s\n' "$line" | sed -n "s/.*\"$loss\":\([^,}]*\).*/\1/p")
        case " $losses " in
        *" $loss "*) wanted='[0-9]*[1-9]*' ;;
        *) wanted=0.0 ;;
        esac
        # shellcheck disable=SC2254 # a pattern
        case $value in $wanted) ;; *) complain "$options: $loss is '$value' in metrics.jsonl" ;; esac
    done
}

# ---- as many lines out as in, the same for any number of threads and whatever stands beside a line ----
translate() {
    head -n 6 "$scratch/corpus/val.en" > "$scratch/in"
    "$thor" translate -m "$scratch/whole" --from en --to de -j 1 < "$scratch/in" > "$scratch/one" 2> "$scratch/err" &&
        "$thor" translate -m "$scratch/whole" --from en --to de -j 3 < "$scratch/in" > "$scratch/three" 2>> "$scratch/err" &&
        tail -n 1 "$scratch/in" | "$thor" translate -m "$scratch/whole" --from en --to de > "$scratch/alone" 2>> "$scratch/err" ||
        complain "$options: translate:" "$(cat "$scratch/err")"
    cmp -s "$scratch/one" "$scratch/three" || complain "$options: other translations with three threads"
    [ "$(wc -l < "$scratch/one")" = 6 ] && [ "$(tail -n 1 "$scratch/one")" = "$(cat "$scratch/alone")" ] ||
        complain "$options: a line is translated otherwise on its own"
}

inspect() {
    "$thor" inspect -m "$scratch/whole" > "$scratch/out" 2>&1 && grep -q 'used by a token' "$scratch/out" ||
        complain "$options: inspect:" "$(cat "$scratch/out")"
    # shellcheck disable=SC2086
    "$thor" train $options --scale tiny --data "$scratch/data" --dry-run 2>&1 | grep -q '^work: ' ||
        complain "$options: --dry-run announces no work"
}

golden() {
    rm -rf "$scratch/golden"
    # shellcheck disable=SC2086
    "$thor" golden make $options --scale tiny --languages 4 --steps 2 -o "$scratch/golden" > "$scratch/out" 2>&1 &&
        "$thor" golden check --isa scalar "$scratch/golden" > "$scratch/out" 2>&1 ||
        complain "$options: golden:" "$(cat "$scratch/out")"
}

# Recipe and options, then the losses that it has.
while IFS='|' read -r options losses; do
    resume
    metrics
    translate
    inspect
    golden
done << 'END'
--recipe ls-moe|
--recipe residual-moe|token_balance budget
--recipe residual-moe --set residual.form=softmax --set router.k=1|token_balance
END

# ---- settings that a system cannot have ----
refuse() {
    pattern=$1
    shift
    got=0
    "$thor" golden digest --scale tiny --languages 4 "$@" > "$scratch/out" 2>&1 || got=$?
    [ $got = 2 ] && [ "$(wc -l < "$scratch/out")" = 1 ] && grep -q -- "$pattern" "$scratch/out" ||
        complain "golden digest $*: exit $got, expected 2 and '$pattern', got:" "$(cat "$scratch/out")"
}
refuse 'moe.experts is 8, but moe.system = fixed gives each of the 6 languages two experts and needs 12 or more' \
    --recipe ls-moe --languages 6
refuse 'router.policy is top_p, but moe.system = fixed has two experts for each language and chooses both; set it to top_k' \
    --recipe ls-moe --set router.policy=top_p
refuse 'router.k is 1, but moe.system = fixed' --recipe ls-moe --set router.k=1
refuse 'router.renormalize is true, but moe.system = fixed' --recipe ls-moe --set router.renormalize=true
softmax='--recipe residual-moe --set residual.form=softmax'
# shellcheck disable=SC2086
{
    refuse 'router.k is 2, but residual.form = softmax chooses one expert a token; try --set residual.form=softmax --set router.k=1' $softmax
    refuse 'router.policy is top_p, but residual.form = softmax' $softmax --set router.policy=top_p --set moe.capacity_factor=0
    refuse 'router.renormalize is true, but residual.form = softmax' $softmax --set router.k=1 --set router.renormalize=true
}

exit $failed
