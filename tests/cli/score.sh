# thor score: what is printed in each mode, byte for byte as sacreBLEU 2.6.0 prints it (but for thor's own version), and what is
# said about input that is not clean.
set -u
thor=${THOR:-./thor}
scratch=$(mktemp -d ./scratch-score-XXXXXX)
trap 'rm -rf "$scratch"' EXIT
failed=0

# run WORD…: thor score with the words, its standard input from $input; standard output (without thor's version) and error go
# to files, the exit code to $code.
input=/dev/null
run() {
    code=0
    "$thor" score "$@" > "$scratch/raw" 2> "$scratch/err" < "$input" || code=$?
    sed -e 's/|thor:[^ ",|]*//' -e '/^ "thor": /d' -e 's/^\( "version": "2.6.0"\),$/\1/' "$scratch/raw" > "$scratch/out"
}

complain() {
    echo "thor score $1: exit $code; $2; got:"
    cat "$scratch/out" "$scratch/err"
    echo "again: $thor score $1"
    failed=1
}

# prints WORD…: standard output is this function's own standard input, nothing is on standard error, the exit code is 0.
prints() {
    cat > "$scratch/expected"
    run "$@"
    if [ $code != 0 ] || [ -s "$scratch/err" ] || ! cmp -s "$scratch/out" "$scratch/expected"; then
        complain "$*" "expected exit 0 and $(cat "$scratch/expected")"
    fi
}

# refuses CODE PATTERN WORD…: exit CODE, nothing on standard output, one line like PATTERN on standard error.
refuses() {
    wanted=$1 pattern=$2
    shift 2
    run "$@"
    if [ $code != "$wanted" ] || [ -s "$scratch/out" ] || [ "$(wc -l < "$scratch/err")" != 1 ] ||
        ! grep -qE -- "$pattern" "$scratch/err"; then
        complain "$*" "expected exit $wanted and one line like '$pattern'"
    fi
}

ref=$scratch/ref other=$scratch/other hyp=$scratch/hyp hyp2=$scratch/hyp2
printf '%s\n' 'The quick brown fox jumps over the lazy dog.' 'Prices rose 3.5% in 2019-2020.' 'It is raining in Berlin today.' > "$ref"
printf '%s\n' 'A fast brown fox jumps over a lazy dog.' 'In 2019-2020 prices went up by 3.5%.' 'Today it rains in Berlin.' > "$other"
printf '%s\n' 'The quick brown fox jumped over the lazy dog.' 'Prices rose by 3.5% in 2019.' 'Today it is raining in Berlin.' > "$hyp"
printf '%s\n' 'A quick fox jumped over the dog.' 'Prices up 3.5% in 2019.' 'Berlin has rain.' > "$hyp2"

# ---- one system ----
prints "$ref" -i "$hyp" << 'END'
BLEU|nrefs:1|case:mixed|eff:no|tok:13a|smooth:exp|version:2.6.0 = 51.0 84.0/63.6/47.4/31.2 (BP = 0.961 ratio = 0.962 hyp_len = 25 ref_len = 26)
END
"$thor" score "$ref" -i "$hyp" | grep -qE "\|version:2\.6\.0\|thor:${THOR_VERSION:-[^ ]+} = " ||
    { echo "the signature does not name thor's version; again: $thor score REFERENCE -i HYPOTHESES"; failed=1; }
input=$hyp
prints "$ref" --smooth-method floor --smooth-value=0.3 << 'END'
BLEU|nrefs:1|case:mixed|eff:no|tok:13a|smooth:floor[0.30]|version:2.6.0 = 51.0 84.0/63.6/47.4/31.2 (BP = 0.961 ratio = 0.962 hyp_len = 25 ref_len = 26)
END
prints "$ref" -l en-zh -i - << 'END'
BLEU|nrefs:1|case:mixed|eff:no|tok:zh|smooth:exp|version:2.6.0 = 47.1 79.2/61.9/44.4/26.7 (BP = 0.959 ratio = 0.960 hyp_len = 24 ref_len = 25)
END
input=/dev/null
# The widest signature is on the left edge.
"$thor" score "$ref" "$other" -i "$hyp" -m chrf,bleu --chrf-word-order 2 -w 4 | sed 's/^ *//' > "$scratch/raw"
sed 's/|thor:[^ ]*//' "$scratch/raw" > "$scratch/out"
cat > "$scratch/expected" << 'END'
BLEU|nrefs:2|case:mixed|eff:no|tok:13a|smooth:exp|version:2.6.0 = 58.1534 96.0/77.3/57.9/31.2 (BP = 0.961 ratio = 0.962 hyp_len = 25 ref_len = 26)
chrF2++|nrefs:2|case:mixed|eff:yes|nc:6|nw:2|space:no|version:2.6.0 = 76.8702
END
cmp -s "$scratch/out" "$scratch/expected" || complain "$ref $other -i $hyp -m chrf,bleu --chrf-word-order 2 -w 4" "two metrics"
prints "$ref" -i "$hyp" -b << 'END'
51.0
END
prints "$ref" -i "$hyp" --format=score-only --metrics bleu,chrf --width 2 << 'END'
50.96
78.49
END
prints "$ref" -i "$hyp" -f json --confidence -m bleu,chrf --lowercase --chrf-lowercase --chrf-eps-smoothing << 'END'
[
{
 "name": "BLEU",
 "score": 57.0,
 "signature": "nrefs:1|bs:1000|seed:12345|case:lc|eff:no|tok:13a|smooth:exp|version:2.6.0",
 "confidence_mean": 56.4,
 "confidence_var": 14.6,
 "confidence": "μ = 56.4 ± 14.6",
 "verbose_score": "92.0/68.2/52.6/37.5 (BP = 0.961 ratio = 0.962 hyp_len = 25 ref_len = 26)",
 "nrefs": "1",
 "bs": "1000",
 "seed": "12345",
 "case": "lc",
 "eff": "no",
 "tok": "13a",
 "smooth": "exp",
 "version": "2.6.0"
},
{
 "name": "chrF2",
 "score": 80.8,
 "signature": "nrefs:1|bs:1000|seed:12345|case:lc|eff:no|nc:6|nw:0|space:no|version:2.6.0",
 "confidence_mean": 80.0,
 "confidence_var": 11.7,
 "confidence": "μ = 80.0 ± 11.7",
 "nrefs": "1",
 "bs": "1000",
 "seed": "12345",
 "case": "lc",
 "eff": "no",
 "nc": "6",
 "nw": "0",
 "space": "no",
 "version": "2.6.0"
}
]
END

# ---- line by line ----
prints "$ref" -i "$hyp" --sentence-level -s add-k --tokenize intl << 'END'
BLEU|nrefs:1|case:mixed|eff:yes|tok:intl|smooth:add-k[1.00]|version:2.6.0 = 70.0 90.0/80.0/66.7/50.0 (BP = 1.000 ratio = 1.000 hyp_len = 10 ref_len = 10)
BLEU|nrefs:1|case:mixed|eff:yes|tok:intl|smooth:add-k[1.00]|version:2.6.0 = 40.6 71.4/57.1/33.3/20.0 (BP = 1.000 ratio = 1.167 hyp_len = 7 ref_len = 6)
BLEU|nrefs:1|case:mixed|eff:yes|tok:intl|smooth:add-k[1.00]|version:2.6.0 = 53.5 71.4/57.1/50.0/40.0 (BP = 1.000 ratio = 1.000 hyp_len = 7 ref_len = 7)
END

# ---- several systems ----
prints "$ref" -i "$hyp" -i "$hyp2" -m bleu,chrf -w 3 -f json << END
[
    {
        "system": "$hyp",
        "BLEU": "50.958",
        "chrF2": "78.486"
    },
    {
        "system": "$hyp2",
        "BLEU": "16.878",
        "chrF2": "40.575"
    }
]
END
prints "$ref" -i "$hyp" -i "$hyp2" --paired-bs --paired-bs-n 300 -w 3 -b << 'END'
50.958 (50.187 ± 14.048)
16.878 (17.050 ± 13.624) p = 0.0033*
END
prints "$ref" -i "$hyp" -i "$hyp2" -m bleu,chrf --paired-bs --paired-bs-n 300 -w 3 << END
System$(echo "Baseline: $hyp" | sed 's/^......//; s/./ /g')  BLEU                                  chrF2
Baseline: $hyp  50.958 (50.187 ± 14.048)              78.486 (77.737 ± 11.665)
$hyp2           16.878 (17.050 ± 13.624) p = 0.0033*  40.575 (40.770 ± 7.374) p = 0.0033*

BLEU|nrefs:1|bs:300|seed:12345|case:mixed|eff:no|tok:13a|smooth:exp|version:2.6.0
chrF2|nrefs:1|bs:300|seed:12345|case:mixed|eff:yes|nc:6|nw:0|space:no|version:2.6.0
score (mean ± 95 % interval of 300 resamples); * the difference from the baseline is significant at p <= 0.05
END

prints "$ref" -i "$hyp" -i "$hyp2" -m ter,bleu --paired-ar -w 3 << END
System$(echo "Baseline: $hyp" | sed 's/^......//; s/./ /g')  BLEU                TER
Baseline: $hyp  50.958              30.000
$hyp2           16.878 p = 0.0001*  60.000 p = 0.0001*

BLEU|nrefs:1|ar:10000|seed:12345|case:mixed|eff:no|tok:13a|smooth:exp|version:2.6.0
TER|nrefs:1|ar:10000|seed:12345|case:lc|tok:tercom|norm:no|punct:yes|asian:no|version:2.6.0
score; p of 10000 trials; * the difference from the baseline is significant at p <= 0.05
END
refuses 2 '--paired-bs and --paired-ar are two tests' "$ref" -i "$hyp" -i "$hyp2" --paired-bs --paired-ar
refuses 2 '--paired-ar compares systems' "$ref" -i "$hyp" --paired-ar

# ---- several references in one file ----
paste "$ref" "$other" > "$scratch/both"
prints --num-refs 2 "$scratch/both" -i "$hyp" -m bleu,ter << 'END'
        BLEU|nrefs:2|case:mixed|eff:no|tok:13a|smooth:exp|version:2.6.0 = 58.2 96.0/77.3/57.9/31.2 (BP = 0.961 ratio = 0.962 hyp_len = 25 ref_len = 26)
TER|nrefs:2|case:lc|tok:tercom|norm:no|punct:yes|asian:no|version:2.6.0 = 24.4
END
refuses 1 "$scratch/both:1: 2 references; expected 3 with tabs between" --num-refs 3 "$scratch/both" -i "$hyp"
refuses 1 "$ref:1: 1 references; expected 2" --num-refs 2 "$ref" -i "$hyp"
refuses 2 '--num-refs goes with one file' --num-refs 2 "$ref" "$other" -i "$hyp"

# ---- words that are the pieces of a vocabulary ----
"$thor" vocab train "$ref" "$other" -s 60 -o "$scratch/pieces.model" 2> "$scratch/err" || cat "$scratch/err"
for file in ref hyp; do
    "$thor" vocab encode -m "$scratch/pieces.model" "$scratch/$file" > "$scratch/$file.pieces"
done
"$thor" score "$scratch/ref.pieces" -i "$scratch/hyp.pieces" --tokenize none -w 6 -b > "$scratch/expected"
for name in spm flores101 flores200; do
    "$thor" score "$ref" -i "$hyp" --tokenize $name --tokenizer-model "$scratch/pieces.model" -w 6 -b > "$scratch/out"
    cmp "$scratch/out" "$scratch/expected" || complain "--tokenize $name" "the score of the pieces"
done
"$thor" score "$ref" -i "$hyp" --tokenize flores200 --tokenizer-model "$scratch/pieces.model" | grep -q '|tok:flores200|' ||
    complain "--tokenize flores200" "its name in the signature"
"$thor" score "$ref" -i "$hyp" --tokenize spm --tokenizer-model "$scratch/pieces.model" | grep -qE '\|tok:spm-[0-9a-f]{8}\|' ||
    complain "--tokenize spm" "the checksum in the signature"
refuses 2 '--tokenize=flores200 needs --tokenizer-model' "$ref" -i "$hyp" --tokenize flores200
refuses 2 '--tokenizer-model goes with --tokenize spm' "$ref" -i "$hyp" --tokenizer-model "$scratch/pieces.model"
refuses 1 "$ref: " "$ref" -i "$hyp" --tokenize spm --tokenizer-model "$ref"

# ---- a table of directions ----
printf '# direction, hypotheses, references\n\nen-de\t%s\t%s\nen-zh\t%s\t%s\nnb-en\t%s\t%s\t%s\nde-fr\t%s\t%s\n' \
    "$hyp" "$ref" "$hyp" "$ref" "$hyp2" "$ref" "$other" "$hyp" "$ref" > "$scratch/table"
prints --table "$scratch/table" << 'END'
direction           lines group        BLEU
en-de                   3 high         51.0
en-zh                   3 high         47.1
nb-en                   3 medium       18.4
de-fr                   3 -            51.0

mean     metric     of     high   medium      low      all    8:4:4
en-xx    BLEU        2     49.0        -        -     49.0        -
xx-en    BLEU        1        -     18.4        -     18.4        -
all      BLEU        3     49.0     18.4        -     38.8        -

BLEU|nrefs:1|case:mixed|eff:no|tok:13a|smooth:exp|version:2.6.0
BLEU|nrefs:1|case:mixed|eff:no|tok:zh|smooth:exp|version:2.6.0
BLEU|nrefs:2|case:mixed|eff:no|tok:13a|smooth:exp|version:2.6.0
END

# ---- text that is not clean ----
awk '{ printf "%s\r\n", $0 }' "$hyp" > "$scratch/crlf"
printf %s "$(cat "$hyp")" > "$scratch/unfinished"
for same in crlf unfinished; do
    prints "$ref" -i "$scratch/$same" -b << 'END'
51.0
END
done
head -n 2 "$ref" > "$scratch/short"
: > "$scratch/empty"
printf 'good\nna\357ve\nx\n' > "$scratch/latin1"
refuses 1 "score: $hyp has 3 lines and $scratch/short has 2; " "$scratch/short" -i "$hyp"
refuses 1 "score: $scratch/empty: has no lines" "$ref" -i "$scratch/empty"
refuses 1 "score: standard input: has no lines" "$ref"
refuses 1 "has 3 lines and $scratch/empty has 0" "$scratch/empty" -i "$hyp"
refuses 1 "score: $scratch/latin1:2: byte 3 of the line \(0xEF\) is not UTF-8" "$ref" -i "$scratch/latin1"
refuses 1 "score: $scratch/latin1:2: byte 3" "$scratch/latin1" -i "$hyp"
refuses 1 "score: $scratch/missing: cannot be opened: " "$scratch/missing" -i "$hyp"
refuses 1 "score: $scratch: cannot be read: " "$scratch" -i "$hyp"
printf 'en-de\t%s\n' "$hyp" > "$scratch/table"
refuses 1 "score: $scratch/table:1: found 2 fields; expected direction" -t "$scratch/table"
printf 'en-de\t%s\t%s\n\nende\t%s\t%s\n' "$hyp" "$ref" "$hyp" "$ref" > "$scratch/table"
refuses 1 "score: $scratch/table:3: 'ende' is not a direction" -t "$scratch/table"
printf 'en-de\t%s\t%s\n' "$hyp" "$scratch/short" > "$scratch/table"
refuses 1 "score: $scratch/table:1: $hyp has 3 lines" -t "$scratch/table"
refuses 1 "score: $scratch/empty: names no direction" -t "$scratch/empty"
printf 'en-ja\t%s\t%s\n' "$hyp" "$ref" > "$scratch/table"
refuses 2 "table:1: en-ja: .*MeCab" -t "$scratch/table"

# A line of a million characters, and one of half a million words that all differ.
awk 'BEGIN { for (i = 0; i < 500000; i++) printf "%c%c", 97 + i % 26, 97 + i % 23; print "" }' > "$scratch/long"
prints "$scratch/long" -i "$scratch/long" -m bleu,chrf -b << 'END'
0.0
100.0
END
awk 'BEGIN { for (i = 0; i < 500000; i++) printf "w%d ", i; print "" }' > "$scratch/long"
prints "$scratch/long" -i "$scratch/long" -b << 'END'
100.0
END

# Tokenised text is scored, and a warning says what it looks like.
awk 'BEGIN { for (i = 0; i < 100; i++) print "a b c d ." }' > "$scratch/tokens"
run "$scratch/tokens" -i "$scratch/tokens" -b
{ [ $code = 0 ] && grep -q "^thor score: warning: .*100 lines end with ' .'" "$scratch/err"; } ||
    complain "$scratch/tokens -i $scratch/tokens -b" "expected a warning"
prints "$scratch/tokens" -i "$scratch/tokens" -b --force << 'END'
100.0
END

# ---- files for COMET ----
printf 'Eins\rzwei.\nDrei \nVier' > "$scratch/source"
printf 'Eins zwei.\nDrei\nVier\n' > "$scratch/expected-source"
# same_files FOLDER NAME FILE…: FOLDER/NAME is FILE, and so on.
same_files() {
    folder=$1
    shift
    while [ $# -gt 0 ]; do
        cmp "$folder/$1" "$2" || { echo "again: $thor score --comet …; $folder/$1 is another"; failed=1; }
        shift 2
    done
}
run "$ref" -i "$scratch/crlf" --comet "$scratch/comet/one" --source "$scratch/source" -b
[ "$(cat "$scratch/out")" = 51.0 ] || complain "--comet" "expected 51.0"
same_files "$scratch/comet/one" src.txt "$scratch/expected-source" mt.txt "$hyp" ref.txt "$ref"
run "$ref" "$other" -i "$hyp" -i "$hyp2" --comet "$scratch/comet/two" --source "$scratch/source"
same_files "$scratch/comet/two" mt.1.txt "$hyp" mt.2.txt "$hyp2" ref.1.txt "$ref" ref.2.txt "$other"
printf 'en-de\t%s\t%s\tsource=%s\nde-en\t%s\tsource=%s\t%s\t%s\n' "$hyp" "$ref" "$scratch/source" "$hyp2" \
    "$scratch/source" "$ref" "$other" > "$scratch/table"
run -t "$scratch/table" --comet "$scratch/comet/three"
[ $code = 0 ] || complain "-t table --comet" "expected exit 0"
same_files "$scratch/comet/three/en-de" src.txt "$scratch/expected-source" mt.txt "$hyp" ref.txt "$ref"
same_files "$scratch/comet/three/de-en" mt.txt "$hyp2" ref.1.txt "$ref" ref.2.txt "$other"
# Rows of one direction: each has a folder of its own, or nothing is lost silently.
rows() { printf 'de-en\t%s\t%s\tsource=%s\t%s\nde-en\t%s\t%s\tname=%s\tsource=%s\n' "$hyp" "$ref" "$scratch/source" "name=$1" \
    "$hyp2" "$ref" "$2" "$scratch/source" > "$scratch/table"; }
rows it small-talk
run -t "$scratch/table" --comet "$scratch/comet/named"
[ $code = 0 ] || complain "-t table with names --comet" "expected exit 0"
same_files "$scratch/comet/named/de-en.it" mt.txt "$hyp" ref.txt "$ref"
same_files "$scratch/comet/named/de-en.small-talk" mt.txt "$hyp2" ref.txt "$ref"
grep -q '^direction        name          lines group' "$scratch/out" && grep -q '^de-en            small-talk        3 high ' "$scratch/out" ||
    complain "-t table with names" "expected a column of names"
grep -q '^all      BLEU        2 ' "$scratch/out" || complain "-t table with names" "expected a mean of two"
run -t "$scratch/table" -f json
grep -q '"name": "small-talk"' "$scratch/out" || complain "-t table -f json" "expected a name"
rows it it
refuses 1 'table:2: line 1 has the direction de-en and the name it too' -t "$scratch/table" --comet "$scratch/comet/same"
printf 'de-en\t%s\t%s\tsource=%s\nde-en\t%s\t%s\tsource=%s\n' "$hyp" "$ref" "$scratch/source" "$hyp2" "$ref" "$scratch/source" > "$scratch/table"
refuses 1 'table:2: line 1 has the direction de-en too.*name=NAME' -t "$scratch/table" --comet "$scratch/comet/same"
run -t "$scratch/table"
[ $code = 0 ] || complain "-t table" "two rows of one direction can be scored"
rows it ../up
refuses 1 'table:2: name=../up: expected 1 to 63 ASCII' -t "$scratch/table"
printf 'en-de\t%s\t%s\n' "$hyp" "$ref" > "$scratch/table"
refuses 1 'table:1: --comet needs a field source=FILE' -t "$scratch/table" --comet "$scratch/comet/four"
refuses 1 "$hyp has 3 lines and $scratch/short has 2" "$ref" -i "$hyp" --comet "$scratch/comet/five" --source "$scratch/short"
[ ! -e "$scratch/comet/five" ] || { echo "a folder for COMET was written though the source is too short"; failed=1; }
refuses 2 '--comet needs the text' "$ref" -i "$hyp" --comet "$scratch/comet/six"
refuses 2 '--source goes with --comet' "$ref" -i "$hyp" --source "$ref"

# ---- wrong usage ----
refuses 2 'no reference; expected thor score REFERENCE'
refuses 2 '--tokenize=14a: expected 13a, zh, none, intl, char, spm, flores101 or flores200' "$ref" --tokenize=14a
refuses 2 '--smooth-method=add: expected exp, floor, add-k or none' "$ref" -s add
refuses 2 '--metrics=bleu,meteor: expected bleu, chrf and ter' "$ref" -m bleu,meteor
refuses 2 '--metrics=bleu,bleu: expected each metric once' "$ref" -m bleu,bleu
refuses 2 '--metrics=: expected bleu' "$ref" --metrics=
refuses 2 '--format=yaml: expected text, json or score-only' "$ref" -f yaml
refuses 2 '--language-pair=zh: expected source-target' "$ref" -l zh
refuses 2 '--language-pair=en-ja: .*MeCab' "$ref" -l en-ja
refuses 2 '--smooth-value=-1: expected a number from 0' "$ref" --smooth-value=-1
refuses 2 '-w=13: expected a whole number from 0 to 12' "$ref" -w 13
refuses 2 'character order 0, word order 0' "$ref" -m chrf --chrf-char-order 0
refuses 2 '--sentence-level goes with one metric' "$ref" --sentence-level -m bleu,chrf
refuses 2 '--paired-bs compares systems' "$ref" -i "$hyp" --paired-bs
refuses 2 '--confidence is for one system' "$ref" -i "$hyp" -i "$hyp2" --confidence
refuses 2 "--input=$hyp is named twice" "$ref" -i "$hyp" -i "$hyp"
refuses 2 '--table names its own files' "$ref" -t "$hyp"
refuses 2 '--table has a text or json format only' -t "$hyp" -b
refuses 2 'did you mean --tokenize\?' "$ref" --tokenise=zh

exit $failed
