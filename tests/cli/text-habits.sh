# Texts as people have them, the same way in every command: byte order marks, files that are not what their names say, lines
# that are too long, codes of languages with scripts and regions, outputs that are equal, a disk that is full.
set -u
thor=${THOR:-./thor}
scratch=$(mktemp -d ./scratch-habits-XXXXXX)
trap 'rm -rf "$scratch"' EXIT
failed=0

# run WORD…: $code, $scratch/out, $scratch/err.
run() { code=0; "$thor" "$@" > "$scratch/out" 2> "$scratch/err" < /dev/null || code=$?; }

# says CODE PATTERN WORD…: the exit status, and one line of messages like the pattern.
says() {
    wanted=$1 pattern=$2
    shift 2
    run "$@"
    if [ $code != "$wanted" ] || ! grep -qE -- "$pattern" "$scratch/err"; then complain "$*" "expected exit $wanted and '$pattern'"; fi
}

complain() {
    echo "thor $1: exit $code; $2; said:"
    cat "$scratch/out" "$scratch/err"
    echo "again: THOR=$thor sh ${srcdir:-.}/tests/cli/text-habits.sh"
    failed=1
}

# ---- byte order marks ----
printf 'the dog sees the house\nthe cat sees a dog\n' > "$scratch/plain"
{ printf '\357\273\277'; cat "$scratch/plain"; } > "$scratch/marked"
for text in plain marked; do
    run vocab train -o "$scratch/$text.model" --size 24 "$scratch/$text"
    [ $code = 0 ] || complain "vocab train $text" 'expected exit 0'
    run vocab encode -m "$scratch/plain.model" "$scratch/$text"
    cp "$scratch/out" "$scratch/$text.pieces"
done
cmp -s "$scratch/plain.model" "$scratch/marked.model" || complain 'vocab train' 'a byte order mark changes the vocabulary'
cmp -s "$scratch/plain.pieces" "$scratch/marked.pieces" || complain 'vocab encode' 'a byte order mark changes pieces'
says 0 'marked: begins with a byte order mark' score "$scratch/plain" -i "$scratch/marked"
run score "$scratch/plain" -i "$scratch/plain"
[ ! -s "$scratch/err" ] || complain score 'expected no warning'

# ---- files that are not what their names say ----
mkdir -p "$scratch/corpus"
echo '<!DOCTYPE html><p>404' > "$scratch/corpus/train.de.gz"
: > "$scratch/empty.zst"
for text in train.en val.de val.en test.de test.en; do cp "$scratch/plain" "$scratch/corpus/$text"; done
says 1 'train\.de\.gz: is not compressed, though its name ends in \.gz \(it looks like a saved web page\)' \
    prepare "$scratch/corpus" -o "$scratch/data" --vocab-size 40
says 1 'empty\.zst: is not compressed.*\(it is empty\)' vocab train -o "$scratch/no.model" --size 24 "$scratch/empty.zst"

# ---- lines that are all left out, by which rule ----
awk 'BEGIN { for (i = 0; i < 900; i++) printf "words "; print "" }' > "$scratch/long"
says 1 '1 lines, 0 of them blank and 1 longer than --max-line-bytes \(4192\)' \
    vocab train -o "$scratch/no.model" --size 24 "$scratch/long"

# ---- pairs that a training leaves out ----
for language in de en; do
    awk 'BEGIN { for (i = 0; i < 35; i++) { for (j = 0; j < (i < 30 ? 40 : 3); j++) printf "w%d ", j; print "" } }' \
        > "$scratch/corpus/train.$language"
done
rm -f "$scratch/corpus/train.de.gz"
run prepare "$scratch/corpus" -o "$scratch/data" --vocab-size 60 --max-pieces 0 -q
[ $code = 0 ] || complain prepare 'expected exit 0'
says 0 '^warning: 30 of 35 training pairs have a side with more than batch.max_pieces \(30\) pieces and are left out' \
    train --recipe dense --scale tiny --set batch.max_pieces=30 --set batch.max_tokens=200 --data "$scratch/data" \
    -o "$scratch/run" --updates 1 -j 1 -q

# ---- codes of languages ----
printf '\346\210\221\344\273\254\345\234\250\351\202\243\351\207\214\343\200\202\n' > "$scratch/zh"
for pair in en-zh en-zh_Hans en-zh-Hant en-zh_CN eng_Latn-zho_Hans en-ZH; do
    run score -l $pair -b "$scratch/zh" -i "$scratch/zh"
    [ "$(cat "$scratch/out")" = 100.0 ] || complain "score -l $pair" "expected Chinese characters apart"
done
says 2 'needs MeCab' score -l en-ja_JP "$scratch/zh" -i "$scratch/zh"

# ---- equal outputs are not significantly different ----
for i in 1 2 3 4 5 6 7 8; do echo "the dog number $i sees the old house"; done > "$scratch/ref"
cp "$scratch/ref" "$scratch/same"
run score "$scratch/ref" -i "$scratch/ref" -i "$scratch/same" --paired-bs --paired-bs-n 100
if grep -q 'p = [0-9.]*\*' "$scratch/out"; then complain 'score --paired-bs' 'expected no mark'; fi

# ---- a disk that is full ----
if [ -w /dev/full ]; then
    for command in 'help' 'inspect --recipe thor-top2'; do
        # shellcheck disable=SC2086 # a command is words
        if "$thor" $command > /dev/full 2> "$scratch/err"; then complain "$command" 'expected a failure'; fi
        grep -q 'No space left' "$scratch/err" || { code=1; : > "$scratch/out"; complain "$command" 'expected the reason'; }
    done
else
    echo 'without a full disk: there is no /dev/full'
fi
exit $failed
