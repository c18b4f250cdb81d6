# thor golden compare as a judge: what no broken program may pass, and golden.py, which writes the folders. Needs numpy.
set -u
thor=${THOR:-./thor}
srcdir=${srcdir:-.}
export OMP_WAIT_POLICY="${OMP_WAIT_POLICY:-passive}" PYTHONDONTWRITEBYTECODE=1
python=
for candidate in ${PYTHON:-} python3 /usr/bin/python3; do
    if "$candidate" -c 'import numpy' 2> /dev/null; then python=$candidate && break; fi
done
[ -n "$python" ] || { echo 'skipped: no python3 with numpy was found (Debian: python3-numpy; or set PYTHON)'; exit 77; }
scratch=$(mktemp -d ./scratch-compare-XXXXXX)
trap 'rm -rf "$scratch"' EXIT
failed=0

fail() {
    printf '%s\n' "$@"
    echo "again: THOR=$thor sh $srcdir/tests/cli/golden-compare.sh"
    failed=1
}

# change WORDS: theirs is ours, changed by lines of Python, which see `ours`, and `theirs` as a dictionary of parts.
change() {
    rm -rf "$scratch/theirs"
    PYTHONPATH="$srcdir/data" "$python" - "$scratch/ours" "$scratch/theirs" "$1" > "$scratch/err" 2>&1 << 'END' || fail "$1:" "$(cat "$scratch/err")"
import sys
import numpy as np
import golden
ours = golden.Folder(sys.argv[1])
theirs = {part: {name: tensor.copy() for name, tensor in getattr(ours, part).items()}
          for part in ("forward", "gradients", "after")}
theirs["losses"] = dict(ours.losses)
exec(sys.argv[3])
golden.write_folder(sys.argv[2], **theirs)
END
}

# judge CODE PATTERN OPTION…: of $scratch/ours and $scratch/theirs; the pattern stands in the last line.
judge() {
    code=$1 pattern=$2 got=0
    shift 2
    "$thor" golden compare "$@" "$scratch/ours" "$scratch/theirs" > "$scratch/out" 2> "$scratch/err" || got=$?
    [ $got = "$code" ] || fail "compare $*: exit $got, expected $code" "$(tail -n 3 "$scratch/out" "$scratch/err")"
    tail -n 1 "$scratch/out" | grep -qE -- "$pattern" || fail "compare $*: expected '$pattern' in:" "$(tail -n 1 "$scratch/out")"
}

has() { grep -qE -- "$1" "$scratch/out" || fail "expected '$1' in:" "$(cat "$scratch/out")"; }

"$thor" golden make --recipe thor-top2 --steps 2 -o "$scratch/ours" > "$scratch/err" 2>&1 ||
    fail "$(cat "$scratch/err")"

# ---- golden.py: reads, makes masks and batch again, writes ----
PYTHONPATH="$srcdir/data" "$python" - "$scratch/ours" > "$scratch/err" 2>&1 << 'END' || fail 'golden.py:' "$(cat "$scratch/err")"
import sys
import numpy as np
import golden
zeros, ones = np.zeros(1, np.uint64), np.full(1, 0xFFFFFFFF, np.uint64)
assert [int(word[0]) for word in golden.philox([zeros] * 4, (0, 0))] == [0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8]
assert [int(word[0]) for word in golden.philox([ones] * 4, (0xFFFFFFFF, 0xFFFFFFFF))] == \
    [0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd]
ours = golden.Folder(sys.argv[1])
assert len(ours.dropout) > 10
for name, mask in ours.dropout.items():
    assert np.array_equal(ours.mask(name), mask), name
for name, tensor in ours.invented_batch().items():
    assert np.array_equal(tensor, ours.batch[name]), name
assert ours.rows("encoder").sum() == (ours.batch["src_tokens"] != 1).sum()
assert {part for part, _, _ in ours} >= {"initial", "batch", "dropout", "forward", "gradients", "after"}
END
"$python" "$srcdir/data/golden.py" "$scratch/ours" > "$scratch/out" 2>&1 || fail 'golden.py FOLDER:' "$(cat "$scratch/out")"
has 'forward .* logits'

# ---- the example of thor-gpu-check(7), as it stands; its model leaves garbage in padding ----
mkdir "$scratch/session" && cp -r "$scratch/ours" "$scratch/session/golden"
awk '/^import golden$/ { on = 1 } /^\.Ed$/ { on = 0 } on' "$srcdir/man/thor-gpu-check.7" > "$scratch/session/example.py"
cat > "$scratch/session/yours.py" << 'END'
import golden
class YourModel:
    def __init__(self, config, parameters):
        assert config["model"]["width"] == parameters["embed.weight"].shape[1]
    def step(self, batch):
        ours = golden.Folder("golden")
        x0 = ours.forward["encoder.layers.0.output"].copy()
        x0[~ours.rows("encoder")] = 7
        return x0, ours.forward["logits"], ours.losses, ours.gradients
END
data=$(cd "$srcdir/data" && pwd)
(cd "$scratch/session" && PYTHONPATH="$data" "$python" example.py) > "$scratch/err" 2>&1 ||
    fail 'the example of thor-gpu-check(7):' "$(cat "$scratch/err")"
got=0
"$thor" golden compare "$scratch/session/golden" "$scratch/session/theirs" > "$scratch/out" 2>&1 || got=$?
[ $got = 0 ] && has '0 out' || fail "the example of thor-gpu-check(7): exit $got" "$(cat "$scratch/out")"

# ---- the same, and in other types ----
change 'pass'
judge 0 '^[0-9]+ judged, 0 excused, [0-9]+ not judged, 0 out$'
head -n 1 "$scratch/out" | grep -q ' judged, ' || fail 'the verdict does not stand first'
judge 0 ' 0 out$' --quiet
[ "$(wc -l < "$scratch/out")" -eq 1 ] || fail '--quiet prints more than a line'
change 'theirs["forward"] = {name: x.astype(np.float16) if x.dtype == np.float32 else x for name, x in theirs["forward"].items()}'
judge 0 ' 0 out' --precision f16
judge 0 ' 0 out' --precision bfloat16
judge 1 'first in the order of computation: forward.safetensors: encoder.embed.output' --precision f32
judge 1 ' out' --precision=tf32 --rtol 1e-6
got=0
"$thor" golden compare --precision f8 "$scratch/ours" "$scratch/theirs" 2> "$scratch/err" || got=$?
[ $got = 2 ] && grep -q 'expected f32, tf32, f16 or bf16' "$scratch/err" || fail "--precision f8: $(cat "$scratch/err")"

# ---- padding is left out ----
change 'theirs["forward"]["encoder.layers.0.output"][~ours.rows("encoder")] = 3'
judge 0 ' 0 out'
has '1 tensor of theirs is not 0 behind the end of sentences'

# ---- after one near tie ----
tie='
P = ours.forward["decoder.layers.1.moe.router_probs"]
chosen = ours.forward["decoder.layers.1.moe.selected"]
best, at = 1.0, None
for b, l in zip(*np.nonzero(ours.rows("decoder"))):
    inside, outside = chosen[b, l] > 0, (chosen[b, l] == 0) & (P[b, l] > 0)
    gap = P[b, l][inside].min() - P[b, l][outside].max()
    if gap < best:
        best, at = gap, (b, l)
b, l = at
take = int(np.argmin(np.where(chosen[b, l] > 0, P[b, l], 2)))
give = int(np.argmax(np.where(chosen[b, l] == 0, P[b, l], -1)))
theirs["forward"]["decoder.layers.1.moe.selected"][b, l, [take, give]] = [0, 1]
for name in ("moe.gates", "moe.output", "output"):
    theirs["forward"]["decoder.layers.1." + name][b, l] *= 0.7
'
change "$tie"
judge 3 '^[0-9]+ judged, [1-9][0-9]* excused by 1 tie \(first: decoder.layers.1.moe.selected \[[0-9]+,[0-9]+\]\), .*, 0 out$' --tie 0.2
judge 1 'first in the order of computation: forward.safetensors: decoder.layers.1.moe.selected'
wrong() {
    change "$tie$1"
    judge 1 "$2" --tie 0.2 --precision "${3:-f32}"
}
wrong 'theirs["gradients"] = {name: -100 * g for name, g in ours.gradients.items()}' 'computation: gradients.safetensors'
wrong 'theirs["gradients"] = {name: -100 * g for name, g in ours.gradients.items()}' 'computation: gradients.safetensors' bf16
wrong 'theirs["gradients"] = {name: 2 * g for name, g in ours.gradients.items()}' 'computation: gradients.safetensors'
wrong 'theirs["after"]["embed.weight"][:] = np.nan' 'computation: after.safetensors: embed.weight'
wrong 'theirs["after"]["embed.weight"][:] = np.nan' 'computation: after.safetensors: embed.weight' bf16
wrong 'theirs["losses"]["tokens"] += 1' 'computation: losses.json: losses.tokens'
wrong 'theirs["losses"]["nll"] = 1e300' 'computation: losses.json: losses.nll'
wrong 'theirs["forward"]["logits"] = theirs["forward"]["logits"].transpose(1, 0, 2)' 'forward.safetensors: logits shape \[6,.*axes 0 and 1 swapped'
wrong 'other = (b + 1) % 6; theirs["forward"]["decoder.layers.1.output"][other, 0] += 1' 'forward.safetensors: decoder.layers.1.output'

# ---- what is recognised ----
change 'theirs["gradients"] = {name: g * ours.losses["tokens"] for name, g in ours.gradients.items()}'
judge 1 'computation: gradients.safetensors: decoder.layer_norm'
has 'the target tokens: a sum in place of a mean'
change 'theirs["forward"]["encoder.layers.1.moe.context"] *= ours.rows("encoder").sum(1)[:, None, None].astype("f4")'
judge 1 'computation: forward.safetensors: encoder.layers.1.moe.context'
has "a sum over the sentence's rows, ours their mean"

# ---- parameters of another type are refused by it, not by their size ----
mkdir "$scratch/half" && cp "$scratch/ours/config.json" "$scratch/ours/batch.safetensors" "$scratch/half/"
PYTHONPATH="$srcdir/data" "$python" -c 'import sys, numpy, golden
golden.write(sys.argv[2], {name: x.astype(numpy.float16) for name, x in golden.Folder(sys.argv[1]).initial.items()})' \
    "$scratch/ours" "$scratch/half/initial.safetensors"
"$thor" golden make --from "$scratch/half" -o "$scratch/x" 2> "$scratch/err" && fail 'F16 parameters were taken'
grep -q "initial.safetensors: tensor '.*' has the type F16, but only F32 is read" "$scratch/err" || fail "F16: $(cat "$scratch/err")"

# ---- missing tensors and files ----
change 'del theirs["gradients"]["embed.weight"]'
judge 0 ' 0 out$'
judge 1 'gradients.safetensors: embed.weight \(missing\)' --strict
change 'del theirs["after"]'
judge 1 'computation: moments.safetensors \(missing\)' --strict
cp "$scratch/ours/moments.safetensors" "$scratch/theirs/"
judge 1 'computation: after.safetensors \(missing\)' --strict

exit $failed
