# Mistakes planted in the model (faults.py): `thor golden compare` has to name the first tensor that each one touches, in the
# folders that the commands of thor-gpu-check(7) make and in data/golden; in binary32, and in 16 bits where it can be told.
set -u
thor=${THOR:-./thor}
here=${srcdir:-.}/tests/oracle
# shellcheck source=tests/oracle/python.sh
. "$here/python.sh"
# shellcheck source=tests/oracle/folders.sh
. "$here/folders.sh"
scratch=$(mktemp -d ./scratch-faults-XXXXXX)
trap 'rm -rf "$scratch"' EXIT
failed=0

fail() {
    printf '%s\n' "$@"
    echo "again: THOR=$thor srcdir=${srcdir:-.} sh $here/faults.sh"
    failed=1
}

# make NAME OPTION…: $scratch/NAME.
make() {
    name=$1
    shift
    "$thor" golden make "$@" -o "$scratch/$name" > "$scratch/log" 2>&1 || fail "no folder $name:" "$(cat "$scratch/log")"
}

# plant OPTION… FOLDER…: every fault, to $scratch/table.
plant() {
    "$python" "$here/planted.py" --thor "$thor" --check "$@" > "$scratch/lines" 2>&1 || fail 'a fault was not named:' \
        "$(grep -v '[^G]$' "$scratch/lines" || cat "$scratch/lines")"
    cat "$scratch/lines" >> "$scratch/table"
}

plain='--set model.dropout=0 --set model.attention_dropout=0'
# shellcheck disable=SC2086 # options are words
{
    make top2 --recipe thor-top2 $plain
    make topp --recipe thor-topp
    make infuse --recipe thor-topp-infuse $plain
    make maximum --recipe thor-top2 --seed 4 --steps 2 $plain
    make steps --recipe thor-top2 --steps 2 --set schedule.warmup=2 --set optimizer.eps=0.01 \
        --set optimizer.lr=0.05 $plain
}
plant "$scratch/top2" "$scratch/topp" "$scratch/infuse" "$scratch/maximum"
plant "${srcdir:-.}"/data/golden/*/
plant --precision f16,bf16 --fault \
    "right,forced,$(sed -n 's/^    "\([a-z0-9-]*\)": "[^"]*",$/\1/p' "$here/faults.py" | grep -v max-padding | paste -sd , -)" \
    "$scratch/top2"

# ---- the optimiser: beside a folder that tells of its updates, each mistake shows itself ----
"$python" "$here/verify.py" "$scratch/steps" --dtype float64 -o "$scratch/right" > "$scratch/log" 2>&1 ||
    fail 'verify.py:' "$(cat "$scratch/log")"
cp "$scratch/right/golden.json" "$scratch/right/moments.safetensors" "$scratch/steps/"
plant --fault right,no-clip,rate-ahead,adam-step,adam-eps "$scratch/steps"

# told FAULT PATTERN: what compare says of the steps.
told() {
    "$python" "$here/verify.py" "$scratch/steps" --fault "$1" -o "$scratch/theirs" > "$scratch/log" 2>&1
    "$thor" golden compare "$scratch/steps" "$scratch/theirs" > "$scratch/said" 2>&1
    grep -q "$2" "$scratch/said" || fail "$1: expected '$2' in:" "$(cat "$scratch/said")"
    rm -r "$scratch/theirs"
}
told adam-step 'times as far as ours, nearly alike in all elements'
told adam-eps 'times as far as ours, not alike in all elements'

# ---- the systems that route by language, and the shared network ----
# system FAULT,… RECIPE OPTION…: a folder with these faults.
system() {
    faults=$1
    shift
    make system --recipe "$@" --scale tiny --steps 1
    plant --fault "right,$faults" "$scratch/system"
    rm -rf "$scratch/system"
}
system fixed-other-side ls-moe --languages 4
system hybrid-reads-rows hybrid-moe
system blend-exchanged residual-moe
system blend-exchanged residual-moe --set residual.form=softmax --set router.k=1
system group-by-source,family-once lingual-moe --set lingual.family_weight=1

# Every fault is planted above.
cat "$scratch/table"
for fault in $(sed -n 's/^    "\([a-z0-9-]*\)": "[^"]*",$/\1/p' "$here/faults.py"); do
    grep -q "^$fault " "$scratch/table" || fail "nothing plants '$fault'"
done
exit $failed
