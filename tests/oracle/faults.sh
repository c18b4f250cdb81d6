# Mistakes planted in the model (faults.py): `thor golden compare` has to name the first tensor that each one touches.
set -u
thor=${THOR:-./thor}
here=${srcdir:-.}/tests/oracle
# shellcheck source=tests/oracle/python.sh
. "$here/python.sh"
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

# Six candidates, so that top-p chooses more than one expert; the gradient of f needs weight to be seen.
"$thor" golden make --recipe thor-topp --scale tiny --seed 1 --steps 1 --set task.candidates=6 --set router.p=0.6 \
    --set loss.token_balance=1 -o "$scratch/golden" > "$scratch/log" 2>&1 ||
    { fail 'no folder:' "$(cat "$scratch/log")"; exit 1; }

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

# Every fault is planted above.
for fault in $(sed -n 's/^    "\([a-z-]*\)": .*/\1/p' "$here/faults.py"); do
    grep -q "^expect $fault " "$here/faults.sh" || fail "no line plants '$fault'"
done
exit $failed
