# thor golden: make, check, compare and digest, with files that are not as they should be.
set -u
thor=${THOR:-./thor}
srcdir=${srcdir:-.}
export OMP_WAIT_POLICY="${OMP_WAIT_POLICY:-passive}"
scratch=$(mktemp -d ./scratch-golden-XXXXXX)
trap 'rm -rf "$scratch"' EXIT
failed=0

fail() {
    printf '%s\n' "$@"
    echo "again: THOR=$thor sh $srcdir/tests/cli/golden.sh"
    failed=1
}

# golden CODE WORD…: to $scratch/out, messages to $scratch/err.
golden() {
    code=$1
    shift
    got=0
    "$thor" golden "$@" > "$scratch/out" 2> "$scratch/err" < /dev/null || got=$?
    [ $got = "$code" ] || fail "thor golden $*: exit $got, expected $code" "$(cat "$scratch/out" "$scratch/err")"
}

# One line on standard error that holds a pattern.
refuse() {
    code=$1 pattern=$2
    shift 2
    golden "$code" "$@"
    [ "$(wc -l < "$scratch/err")" -eq 1 ] || fail "thor golden $*: expected one line, got:" "$(cat "$scratch/err")"
    grep -q -- "$pattern" "$scratch/err" || fail "thor golden $*: expected '$pattern', got:" "$(cat "$scratch/err")"
}

has() { grep -qE -- "$1" "$scratch/out" || fail "expected '$1' in:" "$(cat "$scratch/out")"; }

small='--sentences 3 --words 2-5 --pieces 20 --languages 3 --set model.width=8 --set model.ffn_width=16
    --set moe.experts=4 --set task.candidates=3 --steps 2'
# shellcheck disable=SC2086
make() { name=$1; shift; golden 0 make $small "$@" -o "$scratch/$name"; }

# ---- a folder: what is in it, and that every bit comes again ----
make topp --recipe thor-topp
for file in config.json golden.json initial.safetensors batch.safetensors dropout.safetensors forward.safetensors \
    losses.json gradients.safetensors moments.safetensors after.safetensors SHA256SUMS; do
    [ -s "$scratch/topp/$file" ] || fail "$file is not there"
done
if command -v sha256sum > /dev/null; then
    (cd "$scratch/topp" && sha256sum -c SHA256SUMS) > "$scratch/out" 2>&1 || fail "$(cat "$scratch/out")"
fi
[ "$(ls "$scratch" | grep -c part)" = 0 ] || fail 'something is left beside the folder'
for words in '-j 1' '-j 3' '--isa scalar'; do
    # shellcheck disable=SC2086
    golden 0 check $words "$scratch/topp"
    has 'agree bit for bit'
done
# shellcheck disable=SC2086
golden 0 digest $small --recipe thor-topp
grep -q "$(cat "$scratch/out")" "$scratch/topp/golden.json" || fail 'make and digest disagree'
# The default number of candidates is written out; where there are none, 0 stays.
golden 0 make --recipe thor-topp --scale tiny --sentences 2 --steps 1 -o "$scratch/default"
grep -q '"candidates": 4,' "$scratch/default/config.json" || fail "config.json does not hold 4 candidates of 8"
golden 0 make --recipe gs-moe --scale tiny --sentences 2 --steps 1 -o "$scratch/none"
grep -q '"candidates": 0,' "$scratch/none/config.json" || fail "config.json has candidates of gs-moe"
# shellcheck disable=SC2086
golden 0 digest $small --recipe thor-topp --seed 2
grep -q "$(cat "$scratch/out")" "$scratch/topp/golden.json" && fail 'the seed changes nothing'
make dense --recipe dense --set model.dropout=0 --set model.attention_dropout=0
[ -e "$scratch/dense/dropout.safetensors" ] && fail 'masks without dropout'

# ---- updates and moments are checked where they are there ----
for key in lr gradient_norm clip family tokens; do
    [ "$(grep -c "\"$key\":" "$scratch/topp/golden.json")" = 2 ] || fail "golden.json: not 2 updates with $key"
done
cp -r "$scratch/topp" "$scratch/told"
sed 's/"clip": .*/"clip": 0.5,/' "$scratch/topp/golden.json" > "$scratch/told/golden.json"
refuse 1 'golden.json: clip of update 1 is 0.5, recomputed' check "$scratch/told"
sed '/"clip": /d' "$scratch/topp/golden.json" > "$scratch/told/golden.json"
refuse 1 "'updates' holds 22 numbers; expected 24" check "$scratch/told"
cp "$scratch/topp/golden.json" "$scratch/told/golden.json"
printf '\1' | dd of="$scratch/told/moments.safetensors" bs=1 conv=notrunc \
    seek=$(($(wc -c < "$scratch/told/moments.safetensors") - 4)) 2> /dev/null
refuse 1 'moments.safetensors: v\..* recomputed' check "$scratch/told"
rm "$scratch/told/moments.safetensors"
sed '/moments/d' "$scratch/topp/SHA256SUMS" > "$scratch/told/SHA256SUMS"
golden 0 check "$scratch/told"
golden 0 compare "$scratch/topp" "$scratch/told"

# ---- tensors inside a layer: written, checked, and not missed where they are absent ----
for name in encoder.embed.output decoder.layers.0.cross_attn_norm.output decoder.layers.1.ffn_norm.output \
    encoder.layers.0.self_attn.output encoder.layers.0.ffn.output; do
    grep -aq "\"$name\"" "$scratch/topp/forward.safetensors" || fail "forward.safetensors has no $name"
done
cp -r "$scratch/topp" "$scratch/inside"
LC_ALL=C sed 's/"encoder.embed.output"/"encoder.embed.0utput"/' "$scratch/topp/forward.safetensors" \
    > "$scratch/inside/forward.safetensors"
refuse 1 "'encoder.embed.0utput' should not be there" check "$scratch/inside"
LC_ALL=C sed 's/"encoder.layers.0.output"/"encoder.layers.0.0utput"/' "$scratch/topp/forward.safetensors" \
    > "$scratch/inside/forward.safetensors"
refuse 1 "there is no tensor 'encoder.layers.0.output'" check "$scratch/inside"
make post --recipe thor-top2 --set model.norm=post
golden 0 check -j 3 "$scratch/post"

# ---- what a folder exercises, and a seed that leaves a margin ----
said() { grep -qE -- "$1" "$scratch/err" || fail "expected '$1' in:" "$(cat "$scratch/err")"; }
make margin --recipe thor-topp --overwrite
said '^routing: smallest gap [0-9.e-]+, [a-z]*coder\.layers\.1\.moe\.[a-z]* \[[0-2]'
said '^routing: 1 to [23] experts a row, 0 of [0-9]+ rows renormalised, 0 choices dropped$'
said '^relu: smallest \|input\| [0-9.e-]+, .*\.fc1\.bias \['
make margin --recipe thor-top2 --overwrite
said '^routing: 2 to 2 experts a row, [1-9][0-9]* of [0-9]+ rows renormalised, 0 choices dropped$'
make margin --recipe gs-moe --set moe.capacity_factor=0.5 --overwrite
said 'a row, .*, [1-9][0-9]* choices dropped$'
make margin --recipe dense --overwrite
grep -q '^routing' "$scratch/err" && fail 'dense has routing'
make margin --recipe thor-topp --seed 1 --margin 0.01 --overwrite
said '^routing: smallest gap 0\.0[1-9]'
golden 0 check "$scratch/margin"
refuse 1 'no such seed from 1 to' make --recipe thor-top2 --scale tiny --sentences 1 --words 1 --steps 1 --margin 1 \
    -o "$scratch/nowhere"
refuse 2 'margin=0.1 looks for another seed' make --from "$scratch/topp" --margin 0.1 -o "$scratch/nowhere"

# ---- folders are not overwritten unawares ----
refuse 1 'exists already' make --recipe dense -o "$scratch/topp"
make topp --recipe thor-topp --overwrite
golden 0 check "$scratch/topp"
echo precious > "$scratch/topp/notes"
refuse 1 "holds 'notes'" make --recipe dense -o "$scratch/topp" --overwrite
rm "$scratch/topp/notes"
mkdir "$scratch/foreign" && echo precious > "$scratch/foreign/config.json"
refuse 1 'exists already' make --recipe dense -o "$scratch/foreign" --overwrite
grep -q precious "$scratch/foreign/config.json" || fail 'a foreign folder was overwritten'
refuse 1 'golden.sh' make --recipe dense -o "$srcdir/tests/cli/golden.sh"

# ---- compare: itself, another, a folder that came from somebody else ----
golden 0 compare "$scratch/topp" "$scratch/topp"
has '^[0-9]+ judged, 0 excused, [0-9]+ not judged, 0 out$'
make other --recipe thor-topp --seed 2
golden 1 compare "$scratch/topp/gradients.safetensors" "$scratch/other/gradients.safetensors"
has 'the first in the order of computation: decoder.layer_norm.bias'
golden 0 compare --rtol 1e9 "$scratch/topp/gradients.safetensors" "$scratch/other/gradients.safetensors"
golden 0 compare "$scratch/topp/losses.json" "$scratch/topp/losses.json"
golden 1 compare --json "$scratch/topp" "$scratch/other"
has '"first": "initial.safetensors'
if command -v python3 > /dev/null; then python3 -m json.tool < "$scratch/out" > /dev/null || fail 'no JSON'; fi
refuse 1 'share no tensor' compare "$scratch/topp/forward.safetensors" "$scratch/topp/after.safetensors"
refuse 2 'two files, or two folders' compare "$scratch/topp" "$scratch/topp/after.safetensors"
refuse 1 'nowhere' compare "$scratch/topp/after.safetensors" "$scratch/nowhere"
refuse 2 'expected two' compare "$scratch/topp"

mkdir "$scratch/theirs"
for file in config.json initial.safetensors batch.safetensors; do cp "$scratch/topp/$file" "$scratch/theirs/"; done
golden 0 make --from "$scratch/theirs" --steps 2 -o "$scratch/ours"
for file in dropout forward gradients after; do
    cmp -s "$scratch/topp/$file.safetensors" "$scratch/ours/$file.safetensors" || fail "--from: $file is another"
done
golden 0 check "$scratch/ours"
grep -q '"given"' "$scratch/ours/golden.json" || fail '--from: golden.json does not say so'

# ---- prepared data ----
mkdir -p "$scratch/corpus/de-en"
for split in train dev test; do
    awk 'BEGIN { for (i = 0; i < 40; i++) print "the dog " i % 7 " sees " i }' > "$scratch/corpus/de-en/opus.de-en-$split.en"
    awk 'BEGIN { for (i = 0; i < 40; i++) print "der hund " i % 7 " sieht " i }' > "$scratch/corpus/de-en/opus.de-en-$split.de"
done
if "$thor" prepare -q "$scratch/corpus" --vocab-size 60 -o "$scratch/data" > "$scratch/err" 2>&1; then
    golden 0 make --recipe thor-top2 --data "$scratch/data" --sentences 4 --steps 1 -o "$scratch/from-data"
    golden 0 check "$scratch/from-data"
    grep -q '"data"' "$scratch/from-data/golden.json" || fail '--data: golden.json does not say so'
    golden 0 digest --recipe thor-top2 --data "$scratch/data" --sentences 4 --steps 1
    grep -q "$(cat "$scratch/out")" "$scratch/from-data/golden.json" || fail '--data: make and digest disagree'
else
    fail 'no data:' "$(cat "$scratch/err")"
fi

# ---- numbers that were changed are found, the first of them in the order of computation ----
# change FILE OFFSET-FROM-THE-END BYTES: in a copy of the folder.
copy() { rm -rf "$scratch/bad"; cp -r "$scratch/topp" "$scratch/bad"; }
change() {
    size=$(wc -c < "$scratch/bad/$1")
    # shellcheck disable=SC2059 # the bytes are the format
    printf "$3" | dd of="$scratch/bad/$1" bs=1 seek=$((size - $2)) conv=notrunc 2> /dev/null
}
copy; change forward.safetensors 4 '\001\002\003\077'
refuse 1 'forward.safetensors: .* recomputed' check "$scratch/bad"
copy; change gradients.safetensors 4 '\001\002\003\077'
refuse 1 'gradients.safetensors: .*task.predictor.weight.*recomputed' check "$scratch/bad"
copy; change dropout.safetensors 1 '\002'
refuse 1 'dropout.safetensors: .*recomputed' check "$scratch/bad"
copy; sed 's/"nll": [0-9]/"nll": 9/' "$scratch/topp/losses.json" > "$scratch/bad/losses.json"
refuse 1 'losses.json: nll is 9' check "$scratch/bad"
copy; echo >> "$scratch/bad/config.json"
golden 1 check "$scratch/bad"
grep -q 'config.json: has another content' "$scratch/err" || fail 'a changed config.json is not named'
copy; rm "$scratch/bad/after.safetensors"
refuse 1 'after.safetensors' check "$scratch/bad"
copy; sed 's/"steps": 2/"steps": 0/' "$scratch/topp/golden.json" > "$scratch/bad/golden.json"
refuse 1 "'steps' has to be" check "$scratch/bad"
copy; echo 'not json' > "$scratch/bad/golden.json"
refuse 1 'golden.json:1' check "$scratch/bad"
copy; change initial.safetensors 4 '\000\000\200\177'                       # infinity
refuse 1 'not a finite number' check "$scratch/bad"
copy; change initial.safetensors 4 '\001\000\000\077'
refuse 1 'initial.safetensors: .*recomputed' check "$scratch/bad"
golden 1 compare "$scratch/topp" "$scratch/bad"

# ---- hostile folders ----
copy; head -c 2000 "$scratch/topp/initial.safetensors" > "$scratch/bad/initial.safetensors"
refuse 1 'initial.safetensors' make --from "$scratch/bad" -o "$scratch/x"
refuse 1 'initial.safetensors' check "$scratch/bad"
copy; : > "$scratch/bad/batch.safetensors"
refuse 1 'batch.safetensors' make --from "$scratch/bad" -o "$scratch/x"
copy; change batch.safetensors 4 '\377\377\377\177'
refuse 1 'batch.safetensors: .* is 2147483647; expected an id below' make --from "$scratch/bad" -o "$scratch/x"
copy; cp "$scratch/topp/after.safetensors" "$scratch/bad/batch.safetensors"
refuse 1 "no tensor 'src_tokens'" make --from "$scratch/bad" -o "$scratch/x"
copy; cp "$scratch/topp/batch.safetensors" "$scratch/bad/initial.safetensors"
refuse 1 'initial.safetensors' make --from "$scratch/bad" -o "$scratch/x"
copy; sed 's/"I32"/"F32"/' "$scratch/topp/batch.safetensors" > "$scratch/bad/batch.safetensors"
refuse 1 'expected I32 or I64' make --from "$scratch/bad" -o "$scratch/x"
copy; sed 's/"width": *8/"width": 65536/' "$scratch/topp/config.json" > "$scratch/bad/config.json"
refuse 1 'initial.safetensors: tensor .* has the shape' make --from "$scratch/bad" -o "$scratch/x"
copy; rm "$scratch/bad/config.json"
refuse 1 'config.json' make --from "$scratch/bad" -o "$scratch/x"
[ -e "$scratch/x" ] && fail 'an error left a folder'

# ---- a full disk ----
refuse 1 '/dev/full' make --recipe dense -o /dev/full
got=0
"$thor" golden digest --recipe dense --steps 1 > /dev/full 2> "$scratch/err" || got=$?
[ ! -w /dev/full ] || [ $got = 1 ] || fail "digest to a full disk: exit $got" "$(cat "$scratch/err")"
got=0
"$thor" golden compare "$scratch/topp" "$scratch/topp" > /dev/full 2> "$scratch/err" || got=$?
[ ! -w /dev/full ] || [ $got = 1 ] || fail "compare to a full disk: exit $got" "$(cat "$scratch/err")"
got=0
(ulimit -f 20 && trap '' XFSZ && "$thor" golden make --recipe thor-top2 -o "$scratch/large") > "$scratch/err" 2>&1 || got=$?
[ $got = 1 ] || fail "files that may not grow: exit $got" "$(cat "$scratch/err")"
[ "$(ls "$scratch" | grep -c large)" = 0 ] || fail 'a folder that could not be written is left behind'

# ---- every seed that the configuration may have ----
# shellcheck disable=SC2086
golden 0 digest $small --recipe dense --steps 1 --seed 9223372036854775807
refuse 2 'expected a whole number from 0 on' digest --recipe dense --seed -1

# ---- wrong usage ----
refuse 2 '--recipe is missing' make -o "$scratch/x"
refuse 2 'no output' make --recipe dense
refuse 2 '--from=' make --from "$scratch/topp" --recipe dense -o "$scratch/x"
golden 0 make $small --recipe thor-topp --setup multidomain --steps 1 -o "$scratch/domains"
tr -d '\n ' < "$scratch/domains/config.json" | grep -q '"label":"domain".*"pairs":\["bg-en","de-en"' ||
    fail 'the set-up is not in the folder' "$(cat "$scratch/domains/config.json")"
golden 0 check "$scratch/domains"
refuse 2 '--setup=both' digest --recipe dense --setup both
refuse 2 'goes with none of --recipe, --setup' digest --from "$scratch/domains" --setup multidomain
refuse 2 '--words=' digest --recipe dense --words 9-3
refuse 2 'reference products' digest --recipe dense --backend openblas
refuse 2 'reference products' make --recipe dense --backend openblas -o "$scratch/x"
refuse 2 'reference products' check --backend openblas "$scratch/topp"
refuse 2 'expected 1 or more' make --recipe dense --steps 0 -o "$scratch/x"
refuse 2 'one word too many' digest --recipe dense more
refuse 2 'nothing to check' check

# ---- the experts of hybrid-moe read x whatever context.feed_experts says ----
for feeds in false true; do
    "$thor" golden make --recipe hybrid-moe --scale tiny --seed 6 --set moe.every=1 --set context.feed_experts=$feeds \
        -o "$scratch/feeds-$feeds" 2>&1 | grep 'relu: smallest' > "$scratch/relu-$feeds"
done
[ -s "$scratch/relu-true" ] && cmp -s "$scratch/relu-false" "$scratch/relu-true" || {
    echo "the smallest relu input of hybrid-moe depends on context.feed_experts:"
    cat "$scratch/relu-false" "$scratch/relu-true"
    failed=1
}

exit $failed
