# thor vocab: learns, cuts, joins, lists; what SentencePiece's own programs say of the same model; wrong input.
set -u
thor=${THOR:-./thor}
scratch=$(mktemp -d ./scratch-vocab-XXXXXX)
trap 'rm -rf "$scratch"' EXIT
failed=0

fail() {
    echo "$1"
    echo "again: sh tests/cli/vocab.sh"
    failed=1
}

# expect CODE PATTERN WORD ...: exit code, and one line like PATTERN on standard error; standard input is $scratch/in.
expect() {
    code=$1 pattern=$2
    shift 2
    got=0
    "$thor" "$@" < "$scratch/in" > "$scratch/out" 2> "$scratch/err" || got=$?
    if [ $got != "$code" ] || ! grep -qE -- "$pattern" "$scratch/err" || [ "$(wc -l < "$scratch/err")" != 1 ]; then
        fail "thor $*: exit $got (expected $code), expected one line '$pattern', got: $(cat "$scratch/err")"
    fi
}

same() {
    cmp -s "$1" "$2" || fail "$3: $1 and $2 differ: $(diff "$1" "$2" | head -n 4)"
}

# A text of sentences in three scripts, with the unclean things that a line may hold and stay a line.
awk 'BEGIN {
    split("the a every my no", article, " "); split("house child river garden apple", noun, " ")
    split("sees loves finds paints 1234 100%", verb, " "); split("дом река яблоко сад", cyrillic, " ")
    for (i = 0; i < 600; i++)
        print article[i % 5 + 1] " " noun[i % 4 + 1] " " verb[i % 6 + 1] " the " noun[int(i / 7) % 5 + 1] ", " \
              cyrillic[i % 4 + 1] " 我家花园" (i % 10) "." (i % 3 ? "" : "..")
}' > "$scratch/text"

# Learning says what it reached; the size is an upper bound; the order of files does not matter, the result never changes.
"$thor" vocab train -o "$scratch/m.model" --size 120 "$scratch/text" 2> "$scratch/err" || fail "training: $(cat "$scratch/err")"
grep -q "^600 lines, .* different words" "$scratch/err" || fail "training reports: $(cat "$scratch/err")"
grep -q "m.model: 120 pieces$" "$scratch/err" || fail "training reports: $(cat "$scratch/err")"
head -n 200 "$scratch/text" > "$scratch/part1"
tail -n 400 "$scratch/text" > "$scratch/part2"
"$thor" vocab train -o "$scratch/m2.model" --size=120 --input "$scratch/part2" "$scratch/part1" 2> /dev/null
same "$scratch/m.model" "$scratch/m2.model" "the order of files"
"$thor" vocab train -o "$scratch/big.model" --size 8K "$scratch/text" 2> "$scratch/err"
grep -q "pieces of the 8000 asked for: no pair is left to merge" "$scratch/err" || fail "the bound: $(cat "$scratch/err")"
"$thor" vocab train -o "$scratch/t.model" --size 120 --temperature 5 "$scratch/part1" "$scratch/part2" 2> "$scratch/err" ||
    fail "temperature: $(cat "$scratch/err")"

# Lines: blank ones stay, blanks fold, a carriage return goes, the last newline may lack, unknown characters are one.
{
    cat "$scratch/text"
    printf '\n   \n  the   house  \nthe house\r\nthe Ωμέγα house\n<unk> <s> the\tapple\n▁ the\nthe end'
} > "$scratch/in"
"$thor" vocab encode -m "$scratch/m.model" < "$scratch/in" > "$scratch/pieces" || fail "encode"
"$thor" vocab encode -m "$scratch/m.model" --output-format ids < "$scratch/in" > "$scratch/ids"
"$thor" vocab encode -m "$scratch/m.model" --output-format=file-ids "$scratch/in" > "$scratch/file-ids"
[ "$(wc -l < "$scratch/pieces")" = 608 ] || fail "608 lines in, $(wc -l < "$scratch/pieces") out"
sed -n '601,602p' "$scratch/pieces" | grep -q . && fail "blank lines gave pieces"
sed -n 603p "$scratch/pieces" > "$scratch/one"
sed -n 604p "$scratch/pieces" > "$scratch/two"
same "$scratch/one" "$scratch/two" "blanks and carriage return"
for format in ids file-ids; do
    "$thor" vocab decode -m "$scratch/m.model" --input-format $format < "$scratch/$format" | head -n 600 > "$scratch/back"
    same "$scratch/text" "$scratch/back" "decoding $format"
done
"$thor" vocab decode -m "$scratch/m.model" < "$scratch/pieces" > "$scratch/back"
sed -n '603,608p' "$scratch/back" > "$scratch/tail"
printf 'the house\nthe house\nthe Ωμέγα house\n<unk> <s> the\tapple\nthe\nthe end\n' > "$scratch/expected"
sed -n 5p "$scratch/tail" | grep -q 'the$' || fail "a piece of blanks: $(sed -n 5p "$scratch/tail")"
for line in 1 2 3 6; do
    sed -n ${line}p "$scratch/tail" > "$scratch/one"
    sed -n ${line}p "$scratch/expected" > "$scratch/two"
    same "$scratch/one" "$scratch/two" "decoding line $line"
done
awk 'BEGIN { for (i = 0; i < 10000; i++) printf "house%s", i < 9999 ? " " : "\n" }' > "$scratch/long"
"$thor" vocab encode -m "$scratch/m.model" "$scratch/long" | "$thor" vocab decode -m "$scratch/m.model" > "$scratch/back" ||
    fail "10,000 words"
same "$scratch/long" "$scratch/back" "10,000 words"
[ "$("$thor" vocab show -m "$scratch/m.model" | wc -l)" = 123 ] || fail "show lists 123 pieces"
"$thor" vocab show -m "$scratch/m.model" | awk -F '\t' 'NF != 5 || $2 != NR - 1 { exit 1 }' || fail "show has five columns"

# What cannot be: one line on standard error that names the place.
expect 1 "^thor vocab encode: .*no-such.model: " vocab encode -m no-such.model
expect 1 "^thor vocab show: .*text: " vocab show -m "$scratch/text"
expect 2 "^thor vocab encode: no vocabulary" vocab encode
expect 2 "^thor vocab train: no output" vocab train "$scratch/text"
expect 2 "^thor vocab train: no text" vocab train -o "$scratch/x.model"
expect 2 "^thor vocab train: --type=word: expected" vocab train -o "$scratch/x.model" --type word "$scratch/text"
expect 2 "^thor vocab train: .*characters to cover" vocab train -o "$scratch/x.model" --size 5 "$scratch/text"
expect 2 "^thor vocab train: --size=0" vocab train -o "$scratch/x.model" --size 0 "$scratch/text"
expect 2 "^thor vocab encode: format 'x'" vocab encode -m "$scratch/m.model" --output-format x
expect 1 "^thor vocab train: no-such-text: " vocab train -o "$scratch/x.model" no-such-text
expect 1 "^thor vocab train: no text to learn from" vocab train -o "$scratch/x.model" /dev/null
printf '\n   \n\t\n' > "$scratch/in"
for type in bpe unigram; do
    expect 1 "^thor vocab train: no text to learn from: 3 lines, 3 of them blank" vocab train -o "$scratch/x.model" --type $type "$scratch/in"
done

# Compressed text is read as it is plain, from files and from standard input, and its faults are named.
for tool in gzip xz zstd; do
    command -v $tool > /dev/null || continue
    $tool -c "$scratch/text" > "$scratch/packed"
    if "$thor" vocab train -o "$scratch/packed.model" --size 120 "$scratch/packed" 2> "$scratch/err"; then
        same "$scratch/m.model" "$scratch/packed.model" "learning from $tool"
        "$thor" vocab encode -m "$scratch/m.model" "$scratch/text" > "$scratch/expected"
        "$thor" vocab encode -m "$scratch/m.model" "$scratch/packed" > "$scratch/one"
        "$thor" vocab encode -m "$scratch/m.model" < "$scratch/packed" > "$scratch/two"
        same "$scratch/expected" "$scratch/one" "encoding from $tool"
        same "$scratch/expected" "$scratch/two" "encoding from $tool on standard input"
        head -c $(($(wc -c < "$scratch/packed") - 9)) "$scratch/packed" > "$scratch/in"
        expect 1 "standard input:[0-9]+: the $tool data ends too early" vocab encode -m "$scratch/m.model"
    else
        grep -q "packed: is compressed with $tool, which this thor was built without; unpack it ($tool -d)" "$scratch/err" ||
            fail "$tool: $(cat "$scratch/err")"
    fi
done
printf 'good\nbad \351 byte\n' > "$scratch/in"
expect 1 "^thor vocab encode: standard input:2: byte 5 \(0xE9\) is not UTF-8" vocab encode -m "$scratch/m.model"
expect 1 "^thor vocab train: .*/in:2: byte 5 \(0xE9\) is not UTF-8" vocab train -o "$scratch/x.model" "$scratch/in"
printf 'good\n\nze\000ro\n' > "$scratch/in"
expect 1 "standard input:3: byte 3 is zero" vocab encode -m "$scratch/m.model"
head -c 1000000 /dev/zero | tr '\0' a > "$scratch/in"
expect 1 "standard input:1: the line has 1000000 bytes or more" vocab encode -m "$scratch/m.model"
printf '4 5\n6 x\n' > "$scratch/in"
expect 1 "standard input:2: 'x' is no id" vocab decode -m "$scratch/m.model" --input-format ids
printf '124\n' > "$scratch/in"
expect 1 "standard input:1: '124' is no id; expected numbers from 0 to 123" vocab decode -m "$scratch/m.model" --input-format ids
[ -e "$scratch/x.model" ] && fail "a vocabulary was written in spite of an error"
head -c 700 "$scratch/m.model" > "$scratch/cut.model"
expect 1 "cut.model: offset [0-9]+: " vocab encode -m "$scratch/cut.model"

# SentencePiece's own programs, where they are.
if command -v spm_encode > /dev/null && command -v spm_decode > /dev/null; then
    printf '\n   \n  the   house  \nthe Ωμέγα house\n<unk> <s> the\tapple ΩΩ Ω\n▁ the\nthe end\n' > "$scratch/in"
    cat "$scratch/text" >> "$scratch/in"
    "$thor" vocab encode -m "$scratch/m.model" < "$scratch/in" > "$scratch/pieces"
    spm_encode --model="$scratch/m.model" < "$scratch/in" > "$scratch/spm"
    same "$scratch/spm" "$scratch/pieces" "spm_encode's pieces"
    spm_decode --model="$scratch/m.model" < "$scratch/pieces" > "$scratch/spm"
    "$thor" vocab decode -m "$scratch/m.model" < "$scratch/pieces" > "$scratch/back"
    same "$scratch/spm" "$scratch/back" "spm_decode's text"
    "$thor" vocab encode -m "$scratch/m.model" --output-format file-ids < "$scratch/in" > "$scratch/ids"
    spm_encode --model="$scratch/m.model" --output_format=id < "$scratch/in" > "$scratch/spm"
    same "$scratch/spm" "$scratch/ids" "spm_encode's ids"
    echo "SentencePiece agrees on $(wc -l < "$scratch/in") lines"
else
    echo "no spm_encode here: the comparison with SentencePiece was left out"
fi
exit $failed
