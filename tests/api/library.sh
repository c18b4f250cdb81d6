# The library beside the program: what the one refuses the other refuses with the same sentence, and both translate alike.
set -u
thor=${THOR:-./thor}
say_line=$(dirname "$thor")/tests/api/say_line
here=${srcdir:-.}
export OMP_WAIT_POLICY="${OMP_WAIT_POLICY:-passive}"
scratch=$(mktemp -d ./scratch-library-XXXXXX)
trap 'rm -rf "$scratch"' EXIT
failed=0

fail() {
    printf '%s\n' "$@"
    echo "again: THOR=$thor srcdir=$here sh $here/tests/api/library.sh"
    failed=1
}

# both CODE PATTERN FROM TO DOMAIN: one line through both doors; exit code, translation and sentence are the same.
# Options have no dashes in the library.
both() {
    code=$1 pattern=$2 from=$3 to=$4 domain=$5 got=0 found=0
    set --
    [ "$domain" = - ] || set -- --domain "$domain"
    echo 'the dog sees the house' |
        "$thor" translate -q -m "$scratch/model" --from "$from" --to "$to" "$@" > "$scratch/out" 2> "$scratch/err" || got=$?
    sed 's/^thor translate: //; s/^--//' "$scratch/err" > "$scratch/sentence"
    "$say_line" "$scratch/model" "$from" "$to" "$domain" 'the dog sees the house' \
        > "$scratch/found" 2> "$scratch/told" || found=$?
    [ $got = "$code" ] && [ $found = "$code" ] ||
        fail "'$pattern': the program ends with $got, the library with $found; expected $code" \
            "$(cat "$scratch/err" "$scratch/told")"
    [ -z "$pattern" ] || grep -q -- "$pattern" "$scratch/sentence" || fail "expected '$pattern', got: $(cat "$scratch/sentence")"
    cmp -s "$scratch/sentence" "$scratch/told" || fail "the two say different things:" \
        "$(cat "$scratch/sentence" "$scratch/told")"
    cmp -s "$scratch/out" "$scratch/found" || fail "the two translate differently:" "$(cat "$scratch/out" "$scratch/found")"
}

# ---- two models: one that needs no domain, one that has to be told it ----
. "$here/tests/cli/tiny-corpus.sh"
make_model() {
    corpus=$1 run=$2 size=$3
    shift 3
    "$thor" prepare -q "$corpus" --vocab-size "$size" -o "$run.data" > "$scratch/log" 2>&1 &&
        "$thor" train -q -j 1 --recipe thor-top2 --scale tiny --data "$run.data" -o "$run" --set batch.shards=1 \
            --set search.max_length_b=20 --updates 2 --validate-every 0 "$@" >> "$scratch/log" 2>&1 ||
        { fail 'no model to test with:' "$(cat "$scratch/log")"; exit 1; }
}
tiny_corpus "$scratch/plain"
for domain in it law; do
    mkdir -p "$scratch/domains/$domain"
    cp "$scratch/plain/"*.de "$scratch/plain/"*.en "$scratch/domains/$domain"
done
make_model "$scratch/plain" "$scratch/any" 120
make_model "$scratch/plain" "$scratch/other" 100
make_model "$scratch/domains" "$scratch/told-domain" 120 --set task.representation=golden --set task.label=domain

# from RUN: a copy to damage, without the checksums that would find any damage first.
copy() {
    rm -rf "$scratch/model"
    cp -r "$1/last" "$scratch/model"
    [ "${2:-}" = sealed ] || rm "$scratch/model/SHA256SUMS"
}

# ---- languages and domains ----
copy "$scratch/any"
both 0 '' en de -
both 2 'from=xx: the model does not know this language; it has .*de' xx de -
both 2 'to=xx: the model does not know this language; it has .*de' en xx -
both 2 'domain=law: the model does not know this domain; it has none' en de law
copy "$scratch/told-domain"
both 0 '' en de law
both 0 '' en de it
both 2 'domain is missing: this model has to be told the domain; it has it, law' en de -
both 2 'domain=xx: the model does not know this domain; it has it, law' en de xx

# ---- files of two models, and damaged ones ----
rm -rf "$scratch/model"
both 1 'no checkpoint' en de -
copy "$scratch/any"
cp "$scratch/other/last/vocab.model" "$scratch/model"
both 1 'the files are not of one model' en de -
copy "$scratch/any" sealed
cp "$scratch/other/last/vocab.model" "$scratch/model"
both 1 'vocab.model: its SHA-256 is' en de -
copy "$scratch/any"
head -c 20000 "$scratch/any/last/weights.safetensors" > "$scratch/model/weights.safetensors"
both 1 'weights.safetensors' en de -
copy "$scratch/any"
sed 's/"encoder_layers": *[0-9]*/"encoder_layers": 255/; s/"width": *[0-9]*/"width": 16384/; s/"ffn_width": *[0-9]*/"ffn_width": 65536/' "$scratch/any/last/config.json" \
    > "$scratch/model/config.json"
both 1 'but the configuration asks for' en de -
copy "$scratch/any"
sed 's/"ffn_width": *[0-9]*/"ffn_width": 1048576/; s/"experts": *[0-9]*/"experts": 4096/' "$scratch/any/last/config.json" \
    > "$scratch/model/config.json"
both 1 'config.json: .* elements are more than' en de -
copy "$scratch/any"
sed 's/"beam": *[0-9]*/"beam": 65/' "$scratch/any/last/config.json" > "$scratch/model/config.json"
both 1 'search.beam is 65' en de -
copy "$scratch/any"
sed 's/"beam": *[0-9]*/"beam": 64/' "$scratch/any/last/config.json" > "$scratch/model/config.json"
both 0 '' en de -

exit $failed
