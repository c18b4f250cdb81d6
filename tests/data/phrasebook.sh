#!/bin/sh
# Tests the phrasebook: its sources compose, twice to the same bytes, and
# the composing program refuses bad input with one clear line.
#
# PHRASEBOOK_COMPOSE names the program (default: built here with CC);
# srcdir names the top of the sources.

srcdir=${srcdir:-$(dirname "$0")/../..}
dir=$srcdir/data/phrasebook
if [ ! -f "$dir/frames.txt" ]; then
    echo "phrasebook: no sources in $dir, skipped"
    exit 77
fi
tmp=$(mktemp -d "${TMPDIR:-/tmp}/phrasebook.XXXXXX") || exit 1
trap 'rm -rf "$tmp"' EXIT
trap 'exit 1' HUP INT TERM

fail()
{
    echo "phrasebook: $*"
    echo "again: srcdir=$srcdir PHRASEBOOK_COMPOSE=$PHRASEBOOK_COMPOSE sh $0"
    exit 1
}

compose=$PHRASEBOOK_COMPOSE
if [ -z "$compose" ]; then
    compose=$tmp/phrasebook-compose
    if ! command -v "${CC:-cc}" >"$tmp/which" 2>&1; then
        echo "phrasebook: no compiler, skipped"
        exit 77
    fi
    "${CC:-cc}" -std=c11 -D_POSIX_C_SOURCE=200809L -o "$compose" "$dir"/*.c ||
        fail "the composing program does not compile"
fi

# --- good input ----------------------------------------------------------

for run in one two; do
    "$compose" -o "$tmp/$run" "$dir/frames.txt" "$dir/lexicon.txt" \
        >"$tmp/$run.txt" 2>&1 || fail "compose: $(cat "$tmp/$run.txt")"
done
diff -r "$tmp/one" "$tmp/two" >"$tmp/diff" || fail "two runs differ"
cmp "$tmp/one.txt" "$tmp/two.txt" || fail "two reports differ"

files=0
for pair in bg-en de-en en-eu en-fr en-mr en-pt en-zh; do
    for split in train:3000 dev:150 test:200; do
        for lang in "${pair%-*}" "${pair#*-}"; do
            file=$tmp/one/$pair/opus.$pair-${split%:*}.$lang
            [ -f "$file" ] || fail "no file $pair ${split%:*} $lang"
            [ "$(wc -l <"$file")" -eq "${split#*:}" ] ||
                fail "$pair ${split%:*} $lang has not ${split#*:} lines"
            [ "$lang" != en ] ||
                cmp "$file" "$tmp/one/de-en/opus.de-en-${split%:*}.en" ||
                fail "English of $pair ${split%:*} is another"
            files=$((files + 1))
        done
    done
    for lang in "${pair%-*}" "${pair#*-}"; do
        cat "$tmp/one/$pair/"*."$lang" | sort | uniq -d >"$tmp/twice"
        [ ! -s "$tmp/twice" ] ||
            fail "$pair $lang has a sentence twice: $(head -n 1 "$tmp/twice")"
    done
done
[ "$(find "$tmp/one" -type f | wc -l)" -eq "$files" ] ||
    fail "more files than the layout has"

# --- bad input -------------------------------------------------------------

# refuses STATUS TEXT ARGUMENT...: one line with the text, and the status
refuses()
{
    want=$1
    text=$2
    shift 2
    "$compose" "$@" >"$tmp/out" 2>"$tmp/err"
    status=$?
    [ "$status" -eq "$want" ] || fail "status $status, not $want, for: $text"
    [ "$(wc -l <"$tmp/err")" -eq 1 ] || fail "not one line for: $text"
    grep -F -e "$text" "$tmp/err" >"$tmp/found" ||
        fail "said '$(cat "$tmp/err")', not: $text"
}

frames=$dir/frames.txt
lexicon=$dir/lexicon.txt

refuses 2 "two files needed"
refuses 2 "two files needed" "$frames"
refuses 2 "a third file" "$frames" "$lexicon" "$lexicon"
refuses 2 "unknown option '--bad'" --bad "$frames" "$lexicon"
refuses 2 "not a number" --train many "$frames" "$lexicon"
refuses 2 "no value for '-o'" "$frames" "$lexicon" -o
refuses 1 "none.txt: cannot open" "$tmp/none.txt" "$lexicon"
refuses 1 "none.txt: cannot open" "$frames" "$tmp/none.txt"

: >"$tmp/bad"
refuses 1 "bad: empty file" "$frames" "$tmp/bad"
dd if="$lexicon" bs=1000 count=20 2>"$tmp/err" | LC_ALL=C tr -d '\200-\377' >"$tmp/bad"
echo >>"$tmp/bad"
refuses 1 "$tmp/bad:" "$frames" "$tmp/bad"
head -n 12 "$lexicon" >"$tmp/bad"
refuses 1 "bad:10: self has no line for fr" "$frames" "$tmp/bad"
sed 's/^en = I | 1 | I$/en = I | 1/' "$lexicon" >"$tmp/bad"
refuses 1 "2 forms for en, not the 3 of self" "$frames" "$tmp/bad"
sed 's/^word book$/wort book/' "$lexicon" >"$tmp/bad"
refuses 1 "neither a key word nor" "$frames" "$tmp/bad"
sed 's/^pt = você/xx = você/' "$lexicon" >"$tmp/bad"
refuses 1 "unknown language 'xx'" "$frames" "$tmp/bad"
printf 'class a\nen = \303\050\n' >"$tmp/bad"
refuses 1 "bad:2: not valid UTF-8" "$frames" "$tmp/bad"

sed '/^frame want-to /,/^$/{/^mr = /d;}' "$frames" >"$tmp/bad"
refuses 1 "want-to has no line for mr" "$tmp/bad" "$lexicon"
sed 's/{A\.inf} today/{Z.inf} today/' "$frames" >"$tmp/bad"
refuses 1 "can-today: unknown slot 'Z'" "$tmp/bad" "$lexicon"
sed 's/{A\.inf} today/{A.none} today/' "$frames" >"$tmp/bad"
refuses 1 "has no form 'none'" "$tmp/bad" "$lexicon"
sed 's/{A\.inf} today/{A.inf today/' "$frames" >"$tmp/bad"
refuses 1 "brace without its fellow" "$tmp/bad" "$lexicon"
sed 's/A=act$/A=acts/' "$frames" >"$tmp/bad"
refuses 1 "no word 'acts' in the lexicon" "$tmp/bad" "$lexicon"
sed 's/^frame want-to .*/frame want-to/' "$frames" >"$tmp/bad"
refuses 1 "not 'frame NAME LIMIT'" "$tmp/bad" "$lexicon"
sed 's/{A\.inf} today\./{A.inf} today/' "$frames" >"$tmp/bad"
refuses 1 "no mark at the end" "$tmp/bad" "$lexicon"
refuses 1 "sentences, not 90350" --train 90000 "$frames" "$lexicon"
refuses 1 "more than 3%" --train 50 --dev 0 --test 0 "$frames" "$lexicon"

: >"$tmp/file"
refuses 1 "file: not a directory" -o "$tmp/file" "$frames" "$lexicon"
refuses 1 "cannot make directory" -o "$tmp/no/dir" "$frames" "$lexicon"
exit 0
