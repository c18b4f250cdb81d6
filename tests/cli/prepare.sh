# thor prepare: layouts, filters, reports, and every kind of text that is not clean: one line that names it, exit 1, nothing written.
set -u
thor=${THOR:-./thor}
scratch=$(mktemp -d ./scratch-prepare-XXXXXX)
trap 'rm -rf "$scratch"' EXIT
failed=0

fail() {
    printf '%s\n' "$@"
    echo "again: THOR=$thor sh ${srcdir:-.}/tests/cli/prepare.sh"
    failed=1
}

# prepare CODE WORD…: runs thor prepare -q with the words.
prepare() {
    code=$1
    shift
    got=0
    "$thor" prepare -q "$@" > "$scratch/out" 2> "$scratch/err" < /dev/null || got=$?
    [ $got = "$code" ] || fail "thor prepare $*: exit $got, expected $code" "$(cat "$scratch/err")"
}

# refuse CODE PATTERN WORD…: one line on standard error like PATTERN, nothing on standard output, no folder left.
refuse() {
    code=$1 pattern=$2
    shift 2
    prepare "$code" "$@"
    [ "$(wc -l < "$scratch/err")" -eq 1 ] || fail "thor prepare $*: expected one line, got:" "$(cat "$scratch/err")"
    grep -q -- "$pattern" "$scratch/err" || fail "thor prepare $*: expected '$pattern', got:" "$(cat "$scratch/err")"
    [ ! -s "$scratch/out" ] || fail "thor prepare $*: wrote to standard output after an error"
    for left in "$scratch"/bad*; do
        [ ! -e "$left" ] || fail "thor prepare $*: left $left"
    done
}

# count FOLDER PAIR SPLIT COLUMN: a number of report.tsv.
count() {
    awk -F '\t' -v pair="$2" -v split_name="$3" -v column="$4" '
        NR == 1 { for (i = 1; i <= NF; i++) if ($i == column) at = i }
        $1 "-" $2 == pair && $4 == split_name { print $at }' "$1/report.tsv"
}

expect_count() {
    found=$(count "$1" "$2" "$3" "$4")
    [ "$found" = "$5" ] || fail "$1: $2 $3 $4 is '$found', expected $5"
}

# ---- a small corpus in OPUS-100's layout ----
sentences() { # LANGUAGE FIRST LAST
    awk -v code="$1" -v first="$2" -v last="$3" 'BEGIN {
        for (i = first; i <= last; i++) print "the " code " sentence number " i " of a small corpus ." }'
}
opus="$scratch/opus/v1.0/supervised"
for pair in de-en en-fr; do
    mkdir -p "$opus/$pair"
    for side in ${pair%-*} ${pair#*-}; do
        sentences "$side" 1 40 > "$opus/$pair/opus.$pair-train.$side"
        sentences "$side" 41 46 > "$opus/$pair/opus.$pair-dev.$side"
        sentences "$side" 51 54 > "$opus/$pair/opus.$pair-test.$side"
    done
done
mkdir -p "$opus/nothing-here"

prepare 0 "$scratch/opus" -o "$scratch/all" --vocab-size 60
for name in corpus.index vocab.model report.tsv report.json 0.train.0.ids 1.test.1.offsets; do
    [ -s "$scratch/all/$name" ] || fail "$name was not written"
done
[ ! -e "$scratch/all.part" ] || fail "all.part was left"
expect_count "$scratch/all" de-en train kept 40
expect_count "$scratch/all" en-fr valid kept 6
expect_count "$scratch/all" en-fr test kept 4
grep -q '^total *train *80 *80 ' "$scratch/out" || fail "no line of totals:" "$(cat "$scratch/out")"
grep -q '^language	de$' "$scratch/all/corpus.index" || fail "corpus.index does not name German"

# The same at every level of the layout, for any number of threads, with a vocabulary that is there, and once more over itself.
for root in opus/v1.0 opus/v1.0/supervised; do
    prepare 0 "$scratch/$root" -o "$scratch/again" --vocab-size 60 -j 3
    cmp -s "$scratch/all/corpus.index" "$scratch/again/corpus.index" || fail "$root or 3 threads give another corpus"
done
prepare 0 "$scratch/opus" -o "$scratch/again/" --vocab "$scratch/all/vocab.model" -j 1
cmp -s "$scratch/all/corpus.index" "$scratch/again/corpus.index" || fail "--vocab gives another corpus"
# Several blocks of one split beside splits of a few lines.
mkdir "$scratch/blocks"
for language in de en; do
    sentences law 1 9000 > "$scratch/blocks/train.$language"
    sentences law 1 30 > "$scratch/blocks/dev.$language"
    sentences law 1 20 > "$scratch/blocks/test.$language"
done
prepare 0 "$scratch/blocks" -o "$scratch/blocks-1" --vocab "$scratch/all/vocab.model" -j 1
for threads in 2 7 40; do
    prepare 0 "$scratch/blocks" -o "$scratch/blocks-n" --vocab "$scratch/all/vocab.model" -j $threads
    diff -r "$scratch/blocks-1" "$scratch/blocks-n" > /dev/null || fail "$threads threads write other files than one"
done
prepare 0 "$opus/de-en" -o "$scratch/one" --vocab "$scratch/all/vocab.model"
cmp -s "$scratch/all/0.train.0.ids" "$scratch/one/0.train.0.ids" || fail "one pair alone gives other ids"

prepare 0 "$opus/de-en" -o "$scratch/likely" --vocab-size 60 --vocab-type unigram -j 3
prepare 0 "$opus/de-en" -o "$scratch/likely2" --vocab-size 60 --vocab-type unigram -j 1
cmp -s "$scratch/likely/corpus.index" "$scratch/likely2/corpus.index" || fail "threads change a unigram vocabulary"
cmp -s "$scratch/likely/vocab.model" "$scratch/one/vocab.model" && fail "--vocab-type unigram learned the same as bpe"

# ---- choosing ----
prepare 0 "$scratch/opus" -o "$scratch/some" --vocab "$scratch/all/vocab.model" --pairs fr-en
grep -q '^pairs	1$' "$scratch/some/corpus.index" || fail "--pairs fr-en did not choose one pair"
prepare 0 "$scratch/opus" -o "$scratch/some" --vocab "$scratch/all/vocab.model" --languages xx,fr,en
grep -A4 '^languages	3$' "$scratch/some/corpus.index" | tr '\n' ' ' |
    grep -q 'language	xx language	fr language	en domains' || fail "--languages did not set the order"
refuse 2 "no pair 'de-fr'; it has de-en, en-fr" "$scratch/opus" -o "$scratch/bad" --vocab-size 60 --pairs de-fr
refuse 2 'no pair of the corpus' "$scratch/opus" -o "$scratch/bad" --vocab-size 60 --languages de,fr
refuse 2 "'../x' is no language code" "$scratch/opus" -o "$scratch/bad" --vocab-size 60 --languages ../x,en

# ---- folders of domains, and one flat folder ----
for domain in law it; do
    mkdir -p "$scratch/domains/$domain"
    for side in de en; do
        sentences "$domain $side" 1 10 > "$scratch/domains/$domain/train.$side"
        sentences "$domain $side" 11 12 > "$scratch/domains/$domain/dev.$side"
        sentences "$domain $side" 13 14 > "$scratch/domains/$domain/test.$side"
    done
done
echo 'origin:of the lines' > "$scratch/domains/it/train.src"
mv "$scratch/domains/law/train.de" "$scratch/domains/law/train.full.de"
mv "$scratch/domains/law/train.en" "$scratch/domains/law/train.full.en"
prepare 0 "$scratch/domains" -o "$scratch/multi" --vocab-size 60
tr '\n' ' ' < "$scratch/multi/corpus.index" | grep -q 'domains	2 domain	it domain	law pairs	2 pair	0	1	0 ' ||
    fail "the domains are not in the index"
prepare 0 "$scratch/domains" -o "$scratch/few" --vocab-size 60 --domains law
tr '\n' ' ' < "$scratch/few/corpus.index" | grep -q 'domains	1 domain	law pairs	1 pair	0	1	0 ' || fail "--domains law did not choose law alone"
prepare 0 "$scratch/domains" -o "$scratch/few" --vocab-size 60 --domains law,it
cmp -s "$scratch/few/corpus.index" "$scratch/multi/corpus.index" || fail "--domains law,it is not the same as it,law"
refuse 2 "no domain 'news'; it has it, law" "$scratch/domains" -o "$scratch/bad" --vocab-size 60 --domains it,news
refuse 2 '--domains: the list is empty' "$scratch/domains" -o "$scratch/bad" --vocab-size 60 --domains ,
refuse 2 "no domain 'it'; it has none at all" "$scratch/domains/it" -o "$scratch/bad" --vocab-size 60 --domains it
prepare 0 "$scratch/domains/it" -o "$scratch/flat" --vocab-size 60
tr '\n' ' ' < "$scratch/flat/corpus.index" | grep -q 'domains	0 pairs	1 pair	0	1	-1 ' || fail "a flat folder has no domain"

# A side of the text to train on that is missing is named by its file.
half=$scratch/half
cp -r "$scratch/domains/it" "$half"
rm "$half/train.en"
refuse 1 'half: dev\.en is there, but no train\.en: a side of the text to train on is missing' "$half" -o "$scratch/bad" --vocab-size 60
rm "$half/dev.en" "$half/test.en"
refuse 1 'half: only one side of train\.LANGUAGE is there' "$half" -o "$scratch/bad" --vocab-size 60
rm "$half/train.de"
refuse 1 'half: dev\.de is there, but no train\.de' "$half" -o "$scratch/bad" --vocab-size 60

# ---- a manifest ----
cat > "$scratch/corpus.json" << 'END'
{ "languages": ["fr", "en", "de"],
  "pairs": [
    { "languages": ["de", "en"], "domain": "small talk",
      "train": [["opus/v1.0/supervised/de-en/opus.de-en-train.de", "opus/v1.0/supervised/de-en/opus.de-en-train.en"],
                ["opus/v1.0/supervised/de-en/opus.de-en-dev.de", "opus/v1.0/supervised/de-en/opus.de-en-dev.en"]],
      "test": ["opus/v1.0/supervised/de-en/opus.de-en-test.de", "opus/v1.0/supervised/de-en/opus.de-en-test.en"] } ] }
END
prepare 0 "$scratch/corpus.json" -o "$scratch/listed" --vocab-size 60
expect_count "$scratch/listed" de-en train kept 46
expect_count "$scratch/listed" de-en valid read 0
grep -q 'warning: de-en has no valid' "$scratch/err" || fail "no warning that valid is missing:" "$(cat "$scratch/err")"
grep -q '^domain	small talk$' "$scratch/listed/corpus.index" || fail "the manifest's domain is lost"
prepare 0 "$scratch/corpus.json" -o "$scratch/listed" --vocab-size 60 --languages en,de
grep -A3 '^languages	2$' "$scratch/listed/corpus.index" | tr '\n' ' ' | grep -q 'language	en language	de' ||
    fail "--languages does not take the place of the manifest's list"
manifest() { # PATTERN TEXT
    printf '%s\n' "$2" > "$scratch/wrong.json"
    refuse 1 "wrong.json.*$1" "$scratch/wrong.json" -o "$scratch/bad" --vocab-size 60
}
manifest ':1: ' '{ "pairs": [ }'
manifest 'list of pairs' '[]'
manifest 'list of pairs' '{ "pairs": [] }'
manifest "unknown key 'par'" '{ "par": 1, "pairs": [1] }'
manifest 'pairs\[0\]' '{ "pairs": [1] }'
manifest "unknown key 'tests'" '{ "pairs": [{ "tests": 1 }] }'
manifest 'two codes' '{ "pairs": [{ "languages": ["de"] }] }'
manifest ': the pair de-de has one language twice' '{ "pairs": [{ "languages": ["de", "de"], "train": ["a", "b"] }] }'
manifest ": 'd e' is no language code" '{ "pairs": [{ "languages": ["d e", "en"], "train": ["a", "b"] }] }'
manifest ': the language de is in the list twice' '{ "languages": ["de", "de"], "pairs": [1] }'
manifest ': the pair de-en needs the language en' \
    '{ "languages": ["de"], "pairs": [{ "languages": ["de", "en"], "train": ["a", "b"] }] }'
manifest 'train is missing' '{ "pairs": [{ "languages": ["de", "en"] }] }'
manifest 'a split is' '{ "pairs": [{ "languages": ["de", "en"], "train": "a" }] }'
manifest 'domain' '{ "pairs": [{ "languages": ["de", "en"], "domain": 1, "train": ["a", "b"] }] }'

# ---- text that is not clean ----
# bad NAME: a corpus of one pair whose train the caller then spoils; its files are $de and $en.
bad() {
    folder="$scratch/dirty"
    rm -rf "$folder"
    mkdir -p "$folder"
    de="$folder/train.de" en="$folder/train.en"
    sentences de 1 5 > "$de"
    sentences en 1 5 > "$en"
    for side in de en; do
        sentences "$side" 6 7 > "$folder/dev.$side"
        sentences "$side" 8 9 > "$folder/test.$side"
    done
}
spoilt() { # PATTERN
    refuse 1 "$1" "$folder" -o "$scratch/bad" --vocab "$scratch/all/vocab.model"
    refuse 1 "$1" "$folder" -o "$scratch/bad" --vocab-size 60
}
bad; printf 'caf\351\n' >> "$de"; spoilt 'train\.de:6: byte 4 (0xe9) is not UTF-8'
bad; printf 'a\000b\n' >> "$en"; spoilt 'train\.en:6: byte 2 is NUL'
bad; printf '\377\376t\000h\000' > "$de"; spoilt 'train\.de:1: byte 1 (0xff) is not UTF-8 but begins UTF-16'
bad; printf '\376\377\000t\000h' > "$en"; spoilt 'train\.en:1: byte 1 (0xfe) is not UTF-8 but begins UTF-16'
bad; printf 't\000h\000' > "$de"; spoilt 'train\.de:1: byte 2 is NUL'
bad; echo 'one line more' >> "$en"; spoilt 'train\.de has 5 lines, but .*train\.en has 6'
bad; : > "$de"; : > "$en"; spoilt 'train\.de: the file is empty'
bad; : > "$folder/test.en"; spoilt 'test\.en: the file is empty'
bad; printf '\355\240\200\n' >> "$folder/dev.de"; spoilt 'dev\.de:3: byte 1 (0xed) is not UTF-8'
bad; rm "$folder/test.en"; spoilt 'test\.en: .*[Nn]o such file'
bad; rm "$de"; mkdir "$de"; spoilt 'train\.de: is a folder'
bad; chmod 000 "$en"; [ -r "$en" ] || spoilt 'train\.en: cannot open it: Permission denied'
bad; printf '\n\n\n\n\n' > "$en"; refuse 1 'no sentence pair .* is left .*(5 empty' "$folder" -o "$scratch/bad" --vocab "$scratch/all/vocab.model"
rm "$opus/en-fr/opus.en-fr-train.en"
refuse 1 'opus.en-fr-train.en: .*[Nn]o such file' "$scratch/opus" -o "$scratch/bad" --vocab-size 60

# CR LF, a byte order mark and a missing last newline are no faults.
bad
cp "$de" "$scratch/plain.de"
awk '{ printf "%s\r\n", $0 }' "$scratch/plain.de" > "$de"
prepare 0 "$folder" -o "$scratch/clean" --vocab "$scratch/all/vocab.model"
expect_count "$scratch/clean" de-en train crlf_first 5
expect_count "$scratch/clean" de-en train crlf_second 0
cp "$scratch/clean/0.train.0.ids" "$scratch/ids"
{ printf '\357\273\277'; printf '%s' "$(cat "$scratch/plain.de")"; } > "$de"
prepare 0 "$folder" -o "$scratch/clean" --vocab "$scratch/all/vocab.model"
cmp -s "$scratch/ids" "$scratch/clean/0.train.0.ids" || fail "line ends or a byte order mark change the ids"

# A CR inside of a line, U+0085 and U+2028 end no line; the CR is told of.
bad
printf 'a\rb\nc\302\205d\ne\342\200\250f\n\fg\nh\n' > "$de"
prepare 0 "$folder" -o "$scratch/clean" --vocab "$scratch/all/vocab.model"
expect_count "$scratch/clean" de-en train read 5
expect_count "$scratch/clean" de-en train stray_cr_first 1
grep -q 'warning: de-en: 1 lines of de have a carriage return inside' "$scratch/err" || fail "no word of a CR inside a line"

# Right to left, with combining marks and marks of direction; a million characters in one line; both stay where they are.
bad
printf '\331\205\331\216\330\261\330\255\330\250\330\247\n\327\251\326\270\327\201\327\234\326\271\327\225\327\235\n\342\200\217x\342\200\217\ne\314\201\314\202\n' > "$de"
awk 'BEGIN { for (i = 0; i < 100000; i++) printf "ten chars "; print "" }' >> "$de"
prepare 0 "$folder" -o "$scratch/marks" --vocab-size 90
expect_count "$scratch/marks" de-en train read 5
expect_count "$scratch/marks" de-en train kept 4
expect_count "$scratch/marks" de-en train too_long 1
expect_count "$scratch/marks" de-en train unknown_first 0
head -n 4 "$de" > "$scratch/four"
"$thor" vocab encode -m "$scratch/marks/vocab.model" "$scratch/four" > "$scratch/pieces"
"$thor" vocab decode -m "$scratch/marks/vocab.model" "$scratch/pieces" | cmp -s - "$scratch/four" ||
    fail "right-to-left text does not come back from its pieces"

# ---- compressed files ----
# packed TOOL SUFFIX: the same corpus from compressed files, if thor can read them; otherwise a word about it.
packed() {
    tool=$1 suffix=$2
    command -v "$tool" > /dev/null || return 0
    bad
    "$tool" -c "$de" > "$de.$suffix" && head -n 2 "$en" | "$tool" -c > "$en.$suffix" &&
        tail -n +3 "$en" | "$tool" -c >> "$en.$suffix"
    rm "$de" "$en"
    if "$thor" prepare -q "$folder" -o "$scratch/packed" --vocab "$scratch/all/vocab.model" > /dev/null 2> "$scratch/err"; then
        cmp -s "$scratch/ids" "$scratch/packed/0.train.0.ids" || fail "$tool: other ids than from the plain files"
        whole=$(wc -c < "$de.$suffix")
        head -c $((whole - 9)) "$de.$suffix" > "$de" && mv "$de" "$de.$suffix"
        spoilt "train\.de\.$suffix:[0-9]*: the [a-z]* data ends too early"
        { head -c 20 "$de.$suffix"; printf 'xxxxxxxxxxxxxxxxxxxxxxxxxxxx'; } > "$de" && mv "$de" "$de.$suffix"
        spoilt "train\.de\.$suffix:[0-9]*: the [a-z]* data [ie][sn]"      # is damaged, or ends where a size is wrong
        echo plain > "$de"
        spoilt "train\.de has 1 lines, but .*train\.en\.$suffix has 5"
    else
        spoilt "train\.de\.$suffix: is compressed with .*, which this thor was built without; unpack it"
    fi
}
packed gzip gz
packed xz xz
packed zstd zst

# Empty and long: dropped from train and valid and counted once, kept in test.
bad
long=$(sentences de 1 20 | tr '\n' ' ')
for split in train dev test; do
    printf 'a\n \n%s\n\na\n' "$long" >> "$folder/$split.de"
    printf '\t\na\na\n%s\n%s\n' "$long" "$long" >> "$folder/$split.en"
done
prepare 0 "$folder" -o "$scratch/filtered" --vocab "$scratch/all/vocab.model"
expect_count "$scratch/filtered" de-en train read 10
expect_count "$scratch/filtered" de-en train kept 5
expect_count "$scratch/filtered" de-en train empty 3
expect_count "$scratch/filtered" de-en train too_long 2
expect_count "$scratch/filtered" de-en valid kept 2
expect_count "$scratch/filtered" de-en test kept 7
expect_count "$scratch/filtered" de-en test empty 0
prepare 0 "$folder" -o "$scratch/filtered" --vocab "$scratch/all/vocab.model" --max-pieces 0
expect_count "$scratch/filtered" de-en train too_long 0
expect_count "$scratch/filtered" de-en train kept 7

# A line of a million characters is long, not a fault.
bad
awk 'BEGIN { for (i = 0; i < 200000; i++) printf "wort "; print "" }' >> "$de"
echo 'a word' >> "$en"
prepare 0 "$folder" -o "$scratch/filtered" --vocab "$scratch/all/vocab.model"
expect_count "$scratch/filtered" de-en train too_long 1

# ---- wrong usage ----
refuse 2 'no corpus' -o "$scratch/bad" --vocab-size 60
refuse 2 'no output' "$scratch/domains" --vocab-size 60
refuse 2 'no vocabulary' "$scratch/domains" -o "$scratch/bad"
refuse 2 'exclude each other' "$scratch/domains" -o "$scratch/bad" --vocab-size 60 --vocab "$scratch/all/vocab.model"
refuse 2 "--max-pieces=-1" "$scratch/domains" -o "$scratch/bad" --vocab-size 60 --max-pieces=-1
refuse 2 'one word too many' "$scratch/domains" "$scratch/opus" -o "$scratch/bad" --vocab-size 60
refuse 1 'nowhere: ' "$scratch/nowhere" -o "$scratch/bad" --vocab-size 60
refuse 1 'no corpus of a known layout' "$scratch/all" -o "$scratch/bad" --vocab-size 60
refuse 1 'nowhere.model' "$scratch/domains" -o "$scratch/bad" --vocab "$scratch/nowhere.model"
refuse 1 'train.de' "$scratch/domains" -o "$scratch/bad" --vocab "$scratch/domains/it/train.de"

# A folder with somebody's files is not replaced.
mkdir "$scratch/mine"
echo precious > "$scratch/mine/thesis"
refuse 2 'other files' "$scratch/domains" -o "$scratch/mine" --vocab-size 60
[ -s "$scratch/mine/thesis" ] || fail "a folder with other files was replaced"

# ---- going on ----
# A preparation that is killed goes on where it was, whatever became of what it left, and the result is the same.
prepare 0 "$scratch/domains" -o "$scratch/whole" --vocab-size 60
mkdir "$scratch/cut.part"
cp "$scratch/whole"/* "$scratch/cut.part"
echo mark > "$scratch/cut.part/prepare.started"
echo rubbish > "$scratch/cut.part/0.train.0.ids.part-99"
echo rubbish > "$scratch/cut.part/0.train.done"
rm "$scratch/cut.part/corpus.index"
prepare 0 "$scratch/domains" -o "$scratch/cut" --vocab-size 60
cmp -s "$scratch/whole/corpus.index" "$scratch/cut/corpus.index" || fail "rubbish in DIR.part changes the result"
left=$(cd "$scratch/cut" && ls | grep -v -e '^[01]\.' -e '^corpus.index$' -e '^vocab.model$' -e '^report\.')
[ -z "$left" ] || fail "rubbish is left in the finished folder: $left"
[ ! -e "$scratch/cut.part" ] || fail "cut.part was left"

# The limit on the size of a file stops it in the middle: the law's train is too large. What one thread has finished
# before it stays and is taken.
sentences law 1 400 > "$scratch/domains/law/train.full.de"
sentences law 1 400 > "$scratch/domains/law/train.full.en"
code=0
(ulimit -f 16; trap '' XFSZ; "$thor" prepare -q -j 1 "$scratch/domains" -o "$scratch/cut" --vocab "$scratch/all/vocab.model" \
    > "$scratch/out" 2> "$scratch/err") || code=$?
[ $code = 1 ] || fail "a full disk: exit $code, expected 1"
[ "$(wc -l < "$scratch/err")" -eq 1 ] || fail "a full disk: expected one line:" "$(cat "$scratch/err")"
grep -q 'cut.part keeps what is finished: the same command goes on there' "$scratch/err" ||
    fail "a full disk: no word of what is kept:" "$(cat "$scratch/err")"
[ -e "$scratch/cut.part/0.test.done" ] || fail "a full disk took what was finished"
cp -r "$scratch/cut.part" "$scratch/twin.part"
for output in cut twin; do
    # In the twin a finished file is damaged, which has to be noticed.
    [ $output = cut ] || printf 'x' | dd of="$scratch/twin.part/0.train.1.ids" bs=1 seek=70 conv=notrunc 2> /dev/null
    "$thor" prepare "$scratch/domains" -o "$scratch/$output" --vocab "$scratch/all/vocab.model" \
        > "$scratch/out" 2> "$scratch/err" || fail "going on failed:" "$(cat "$scratch/err")"
    finished=$([ $output = cut ] && echo 3 || echo 2)
    grep -q "$output.part: going on, $finished of 6 splits are finished and whole" "$scratch/err" ||
        fail "$output: expected to go on with $finished splits:" "$(cat "$scratch/err")"
done
prepare 0 "$scratch/domains" -o "$scratch/whole" --vocab "$scratch/all/vocab.model"
for output in cut twin; do
    cmp -s "$scratch/whole/corpus.index" "$scratch/$output/corpus.index" || fail "$output: going on gives another corpus"
done
cp -r "$scratch/cut" "$scratch/other.part"
refuse 2 'files that no preparation left' "$scratch/domains" -o "$scratch/other" --vocab "$scratch/all/vocab.model"
[ -s "$scratch/other.part/corpus.index" ] || fail "somebody's other.part was touched"

# Two at once into one folder: the second is told who is there. The first waits for a pipe.
if command -v mkfifo > /dev/null && mkfifo "$scratch/pipe.de"; then
    printf '{ "pairs": [{ "languages": ["de", "en"], "train": ["pipe.de", "domains/it/train.en"] }] }' > "$scratch/pipe.json"
    "$thor" prepare -q "$scratch/pipe.json" -o "$scratch/shared" --vocab "$scratch/all/vocab.model" > /dev/null 2>&1 &
    first=$!
    while [ ! -e "$scratch/shared.part.lock" ] && kill -0 $first 2> /dev/null; do sleep 0.05; done
    sleep 0.2
    code=0
    "$thor" prepare -q "$scratch/domains" -o "$scratch/shared" --vocab-size 60 > /dev/null 2> "$scratch/err" || code=$?
    { [ $code = 1 ] && grep -q "shared.part: process $first is writing this folder" "$scratch/err"; } ||
        fail "two at once: exit $code:" "$(cat "$scratch/err")"
    kill -9 $first
    wait $first 2> /dev/null
    [ -e "$scratch/shared.part.lock" ] || fail "the lock of a killed run is gone: this test shows nothing"
    prepare 0 "$scratch/domains" -o "$scratch/shared" --vocab-size 60
    [ ! -e "$scratch/shared.part.lock" ] || fail "the lock was left"
fi

# A disk that is full: the limit on the size of a file stands for it. The prepared folder of before stays, and the same command
# goes on where this one was stopped.
before=$(cat "$scratch/multi/corpus.index")
(ulimit -f 1; trap '' XFSZ; "$thor" prepare -q "$scratch/domains" -o "$scratch/multi" --vocab "$scratch/all/vocab.model" \
    > "$scratch/out" 2> "$scratch/err") && fail "a full disk went unnoticed"
[ "$(wc -l < "$scratch/err")" -eq 1 ] || fail "a full disk: expected one line:" "$(cat "$scratch/err")"
[ "$before" = "$(cat "$scratch/multi/corpus.index")" ] || fail "a full disk took the old folder"
prepare 0 "$scratch/domains" -o "$scratch/multi" --vocab "$scratch/all/vocab.model"
[ ! -e "$scratch/multi.part" ] || fail "a part is left beside the finished folder"

exit $failed
