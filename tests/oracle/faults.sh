# Mistakes planted in the model (faults.py): `thor golden compare` has to name the first tensor that each one touches.
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

# expect FAULT FILE TENSOR: with this fault (none: "") the first tensor of FILE out of tolerance (none: "").
expect() {
    "$python" "$here/verify.py" "$scratch/golden" --dtype float64 ${1:+--fault "$1"} -o "$scratch/theirs.safetensors" \
        > "$scratch/log" 2>&1 || { fail "verify.py --fault '$1':" "$(cat "$scratch/log")"; return; }
    code=0
    "$thor" golden compare --json "$scratch/golden/$2.safetensors" "$scratch/theirs.safetensors" \
        > "$scratch/json" 2> "$scratch/log" || code=$?
    first=$(sed -n 's/^ "first": "\{0,1\}\([^",]*\).*/\1/p' "$scratch/json")
    if [ "$first" = "${3:-null}" ] && [ $code = "$([ -z "$3" ]; echo $?)" ]; then
        echo "fault '$1': the first in $2 is $first"
    else
        fail "fault '$1': the first in $2 is '$first' (exit $code), expected '${3:-null}'" "$(cat "$scratch/log")"
    fi
}

# golden RECIPE OPTION…: the folder of what follows; false where there is none, as with a recipe the program has not.
golden() {
    rm -rf "$scratch/golden"
    "$thor" golden make --recipe "$@" --scale tiny --seed 1 --steps 1 -o "$scratch/golden" > "$scratch/log" 2>&1 &&
        return 0
    if grep -q "$refusal" "$scratch/log"; then
        echo "skipped: the faults of $1, which this program has not"
    else
        fail "no folder of $1:" "$(cat "$scratch/log")"
    fi
    return 1
}

# Six candidates, so that top-p chooses more than one expert; the gradient of f needs weight to be seen.
golden thor-topp --set task.candidates=6 --set router.p=0.6 --set loss.token_balance=1 || exit 1
expect '' forward ''
expect '' gradients ''
expect '' dropout ''
expect attention-scale forward encoder.layers.0.output
expect embedding-scale forward encoder.layers.0.output
expect post-norm forward encoder.layers.0.output
expect top-p-short forward encoder.layers.1.moe.selected
expect context-next forward decoder.layers.1.moe.context
expect dropout-site forward decoder.layers.0.output
expect dropout-site dropout decoder.layers.0.cross_attn.dropout
expect balance-gradient forward ''
expect balance-gradient gradients decoder.layers.1.moe.router.weight

if golden ls-moe --languages 4; then
    expect '' forward ''
    expect fixed-other-side forward encoder.layers.1.moe.candidates
fi
if golden hybrid-moe; then
    expect '' forward ''
    expect hybrid-reads-rows forward decoder.layers.1.moe.routing_input
fi
for form in 'residual.form=cmr' 'residual.form=softmax --set router.k=1'; do
    # shellcheck disable=SC2086 # an option and its value
    if golden residual-moe --set $form; then
        expect '' forward ''
        expect blend-exchanged forward encoder.layers.1.moe.output
    fi
done
if golden lingual-moe --set lingual.family_weight=1; then
    expect '' gradients ''
    expect group-by-source forward encoder.layers.1.moe.task_probs
    expect family-once forward ''
    expect family-once gradients decoder.layers.1.moe.task_router.weight
fi

# Every fault is planted above.
for fault in $(sed -n 's/^    "\([a-z-]*\)": .*/\1/p' "$here/faults.py"); do
    grep -q "^ *expect $fault " "$here/faults.sh" || fail "no line plants '$fault'"
done
exit $failed
