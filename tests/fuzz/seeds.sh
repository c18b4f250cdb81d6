# seeds.sh FOLDER: writes what fuzz targets begin with: FOLDER/templates, of which folder targets change one file, and
# FOLDER/NAME with inputs for each target, made by the program itself ($THOR) from a corpus of invented languages.
set -eu
thor=${THOR:-./thor}
top=${srcdir:-.}
out=$1
. "$top/tests/cli/tiny-corpus.sh"
rm -rf "$out"
mkdir -p "$out/templates"
templates=$out/templates

# put TARGET NAME: standard input becomes an input of a target.
put() {
    mkdir -p "$out/$1"
    cat > "$out/$1/$2"
}

# one_of TARGET FOLDER: every file of a folder becomes an input: the byte that chooses it, then its content.
one_of() {
    number=0
    for file in "$2"/*; do
        { printf "\\$(printf %o $number)"; cat "$file"; } | put "$1" "$(basename "$file")"
        number=$((number + 1))
    done
}

tiny_corpus "$out/corpus"
quiet() { "$thor" "$@" > "$out/log" 2>&1 || { cat "$out/log"; exit 1; }; }
head -n 40 "$out/corpus/train.en" > "$out/sample"
printf 'Ταχεία αλεπού.\n快速的狐狸。\nﬁne  №5\n' >> "$out/sample"
quiet vocab train -s 90 "$out/sample" -o "$templates/bpe.model"
quiet vocab train -s 320 -t unigram --byte-fallback --user-symbol '<url>' "$out/sample" -o "$templates/unigram.model"
for split in train val; do
    for language in de en fr; do
        head -n 12 "$out/corpus/$split.$language" > "$out/corpus/short" && mv "$out/corpus/short" "$out/corpus/$split.$language"
    done
done
quiet prepare "$out/corpus" -o "$templates/prepared" --vocab "$templates/bpe.model" -q
quiet train --recipe thor-top2 --scale tiny --data "$templates/prepared" -o "$out/run" --set schedule.updates=2 \
    --set batch.max_tokens=128 --set moe.experts=4 --set model.width=16 --set model.ffn_width=16 -q
cp -R "$out/run/last" "$templates/checkpoint"
cp -R "$top/data/golden/thor-top2" "$templates/golden"

for file in "$templates"/golden/*.safetensors; do put safetensors "$(basename "$file")" < "$file"; done
put safetensors weights < "$templates/checkpoint/weights.safetensors"
put safetensors empty < /dev/null
put vocab bpe < "$templates/bpe.model"
put vocab unigram < "$templates/unigram.model"
{ printf '\003'; cat "$templates/unigram.model" "$out/sample"; } | put charsmap model
for recipe in dense thor-topp lingual-moe residual-moe; do
    "$thor" train --recipe $recipe --scale tiny --print-config | put config $recipe
done
one_of prepared "$templates/prepared"
one_of checkpoint "$templates/checkpoint"
one_of golden "$templates/golden"
put checksums list < "$templates/checkpoint/SHA256SUMS"
printf '%s  a\n%s  b\n' "$(printf a | sha256sum | cut -d ' ' -f 1)" "$(printf bb | sha256sum | cut -d ' ' -f 1)" |
    put checksums right
put metrics metrics < "$out/run/metrics.jsonl"
put metrics state < "$templates/checkpoint/state.json"
put lines plain < "$out/sample"
for tool in gzip xz zstd; do
    if command -v $tool > /dev/null; then $tool -c < "$out/sample" | put lines $tool; fi
done
put text lines < "$out/sample"
printf 'naïve \360\237\230\200 a\314\210\n\302\240\342\200\213\n' | put text odd
{ cat "$out/corpus/val.en" "$out/corpus/val.de"; printf "Prices rose by 3.5%% (to \$1,200.00), didn't they?\n他说“你好”。 &quot;x&quot;\n"; } |
    put score lines
printf 'en-de\th\tr\n# comment\nen-zh\th\tr\tsource=h\tname=a\n' | put score_table table
printf '%s\n' --flag --text=a -t b -i 7 --integer=12K -n .5 -l x -l y -- --operand | put options words
printf '{\n "languages": ["de", "en"],\n "pairs": [{"pair": ["de", "en"], "train": [["a.de", "a.en"]], "valid": [["b.de", "b.en"]]}]\n}\n' |
    put manifest manifest
rm -rf "$out/log" "$out/run" "$out/corpus" "$out/sample"
