# thor translate: a line out for each line in, whatever the batches, threads and kernels; pipes, n-best lists, and every kind of input and
# output that goes wrong: one line on standard error, exit 1 or 2, and nothing lost that was good.
set -u
thor=${THOR:-./thor}
export OMP_WAIT_POLICY="${OMP_WAIT_POLICY:-passive}"       # threads that spin stand in the way of a busy machine's others
scratch=$(mktemp -d ./scratch-translate-XXXXXX)
trap 'rm -rf "$scratch"' EXIT
failed=0

fail() {
    printf '%s\n' "$@"
    echo "again: THOR=$thor sh ${srcdir:-.}/tests/cli/translate.sh"
    failed=1
}

# ---- a small model: its words do not matter, only where they go ----
mkdir -p "$scratch/corpus/de-en" "$scratch/corpus/en-fr"
awk -v folder="$scratch/corpus" 'BEGIN {
    split("dog cat house tree book man woman child", en); split("Hund Katze Haus Baum Buch Mann Frau Kind", de)
    split("chien chat maison arbre livre homme femme enfant", fr); split("train dev test", splits)
    for (s = 1; s <= 3; s++)
        for (i = 1; i <= 8; i++)
            for (j = 1; j <= (s == 1 ? 8 : 2); j++) {
                print "the " en[i] " sees a " en[j] " ." > (folder "/de-en/opus.de-en-" splits[s] ".en")
                print "der " de[i] " sieht ein " de[j] " ." > (folder "/de-en/opus.de-en-" splits[s] ".de")
                print "the " en[i] " sees a " en[j] " ." > (folder "/en-fr/opus.en-fr-" splits[s] ".en")
                print "le " fr[i] " voit un " fr[j] " ." > (folder "/en-fr/opus.en-fr-" splits[s] ".fr")
            }
}'
"$thor" prepare -q "$scratch/corpus" --vocab-size 120 -o "$scratch/data" > "$scratch/log" 2>&1 &&
    "$thor" train -q -j 1 --recipe thor-top2 --scale tiny --data "$scratch/data" -o "$scratch/run" --set schedule.updates=150 --set batch.shards=1 \
        --set optimizer.lr=1e-2 --validate-every 0 --set search.max_length_b=30 >> "$scratch/log" 2>&1 ||
    { fail 'no model to test with:' "$(cat "$scratch/log")"; exit 1; }

# translate CODE WORD…: standard input to $scratch/out, messages to $scratch/err.
translate() {
    code=$1
    shift
    got=0
    "$thor" translate -m "$scratch/run" "$@" > "$scratch/out" 2> "$scratch/err" || got=$?
    [ $got = "$code" ] || fail "thor translate $*: exit $got, expected $code" "$(cat "$scratch/err")"
}

# refuse CODE PATTERN WORD…: as translate, and one line on standard error like PATTERN.
refuse() {
    code=$1 pattern=$2
    shift 2
    translate "$code" "$@"
    [ "$(wc -l < "$scratch/err")" -eq 1 ] || fail "thor translate $*: expected one line, got:" "$(cat "$scratch/err")"
    grep -q -- "$pattern" "$scratch/err" || fail "thor translate $*: expected '$pattern', got:" "$(cat "$scratch/err")"
}

same() { cmp -s "$1" "$2" || fail "$3" "$(diff "$1" "$2" | head -n 6)"; }

# ---- lines, blank lines, order, company ----
printf '\t\n \302\240\t\n\343\200\200\n' > "$scratch/in"    # tab, no-break space, ideographic space
translate 0 --from en --to de < "$scratch/in"
[ "$(tr '\n' '.' < "$scratch/out")" = ... ] || fail 'lines of white space do not stay blank' "$(cat "$scratch/out")"
printf 'the dog sees a cat .\n' > "$scratch/in"
translate 0 --from en --to de < "$scratch/in"
mv "$scratch/out" "$scratch/expected"
printf '\357\273\277the dog sees a cat .\n' > "$scratch/in"
translate 0 --from en --to de < "$scratch/in"
same "$scratch/expected" "$scratch/out" 'a byte order mark changes the translation'
{ cat "$scratch/corpus/de-en/opus.de-en-test.en"; echo; echo 'a cat .'; printf '  \n'; echo 'the house sees the old tree of a man and a woman .'; } \
    > "$scratch/in"
translate 0 --from en --to de < "$scratch/in"
cp "$scratch/out" "$scratch/expected"
[ "$(wc -l < "$scratch/in")" -eq "$(wc -l < "$scratch/out")" ] || fail 'lines were lost or added'
[ "$(grep -n '^$' "$scratch/out" | tr '\n' ' ')" = '17: 19: ' ] || fail 'blank lines are not where they were' "$(grep -n '^$' "$scratch/out")"
for words in '--batch 1' '--batch 7 -j 3' '-j 1' '--isa scalar -j 2'; do
    # shellcheck disable=SC2086
    translate 0 --from en --to de $words < "$scratch/in"
    same "$scratch/expected" "$scratch/out" "$words changes translations"
done
# OpenBLAS promises no bits, but this model knows its few words well.
"$thor" translate -m "$scratch/run" --from en --to de --backend openblas < "$scratch/in" > "$scratch/out" 2> "$scratch/err"
case $? in
0)  awk 'NR == FNR { line[FNR] = $0; next } { same += line[FNR] == $0 } END { exit NR != 2 * FNR || same * 10 < FNR * 9 }' \
        "$scratch/expected" "$scratch/out" || fail 'openblas translates otherwise' "$(diff "$scratch/expected" "$scratch/out")" ;;
2)  grep -q 'openblas' "$scratch/err" || fail 'a build without OpenBLAS does not say so' "$(cat "$scratch/err")" ;;
*)  fail '--backend openblas' "$(cat "$scratch/err")" ;;
esac
awk '{ line[NR] = $0 } END { for (i = NR; i > 0; i--) print line[i] }' "$scratch/in" > "$scratch/turned"
awk '{ line[NR] = $0 } END { for (i = NR; i > 0; i--) print line[i] }' "$scratch/expected" > "$scratch/wanted"
translate 0 --from en --to de < "$scratch/turned"
same "$scratch/wanted" "$scratch/out" 'the other order of lines changes translations'
printf 'a cat .' | translate 0 --from en --to de
[ "$(wc -l < "$scratch/out")" -eq 1 ] || fail 'a last line without a newline has no translation'
printf 'a cat .\r\n' | translate 0 --from en --to de
grep -q "$(printf '\r')" "$scratch/out" && fail 'a carriage return was translated'
: | translate 0 --from en --to de
[ ! -s "$scratch/out" ] || fail 'no input has output'

# ---- files ----
"$thor" translate -m "$scratch/run/best" --from en --to de -i "$scratch/in" -o "$scratch/file" 2> "$scratch/err" ||
    fail '-i and -o' "$(cat "$scratch/err")"
same "$scratch/expected" "$scratch/file" '-i and -o translate differently'

# ---- pairs in the lines ----
awk '{ print "en\tde\t" $0 }' "$scratch/in" | translate 0 --pairs
same "$scratch/expected" "$scratch/out" '--pairs differs from --from and --to'
printf 'en\tde\ta cat .\n\nen\txx\ta cat .\nen\tde\ta dog .\n' > "$scratch/pairs"
refuse 1 "line 3: .*'xx'.*de, en, fr.*2 lines were translated" --pairs < "$scratch/pairs"
[ "$(wc -l < "$scratch/out")" -eq 2 ] || fail 'the lines before a wrong one are missing'
printf 'en\ta cat .\n' > "$scratch/pairs"
refuse 1 'line 1 has too few fields' --pairs < "$scratch/pairs"

# ---- scores and n-best ----
translate 0 --from en --to de --scores < "$scratch/in"
cut -f 2- "$scratch/out" > "$scratch/texts"
same "$scratch/expected" "$scratch/texts" '--scores changes translations'
sed -n 1p "$scratch/out" | grep -qE '^-[0-9]+\.[0-9]+	' || fail 'no score' "$(sed -n 1p "$scratch/out")"
translate 0 --from en --to de --nbest 3 < "$scratch/in"
awk -F ' [|][|][|] ' '!seen[$1]++ { print $2 }' "$scratch/out" > "$scratch/texts"
same "$scratch/expected" "$scratch/texts" 'the first of an n-best list is not the translation'
awk -F ' [|][|][|] ' 'NF != 3 || ($1 == line && $3 > score) { bad++ } { line = $1; score = $3; count[$1]++ }
    END { exit bad > 0 || count[1] != 3 || count[17] != 1 }' "$scratch/out" || fail 'an n-best list is out of order' "$(head -n 4 "$scratch/out")"
translate 0 --from en --to de --max-length 2 --beam 1 < "$scratch/in"
awk 'NF > 2 { exit 1 }' "$scratch/out" || fail '--max-length 2 has longer lines'

# ---- a pipe that waits for its answer ----
mkfifo "$scratch/question" "$scratch/answer"
"$thor" translate -m "$scratch/run" --from en --to de < "$scratch/question" > "$scratch/answer" 2> "$scratch/err" &
child=$!
( sleep 60; kill $child ) 2> /dev/null &
watch=$!
exec 3> "$scratch/question" 4< "$scratch/answer"
for i in 1 2; do
    sed -n ${i}p "$scratch/in" >&3
    read -r answer <&4 || fail "question $i has no answer while standard input is open"
    [ "$answer" = "$(sed -n ${i}p "$scratch/expected")" ] || fail "answer $i is another: $answer"
done
exec 3>&-
wait $child || fail 'a pipe that ends is no failure' "$(cat "$scratch/err")"
kill $watch 2> /dev/null
exec 4<&-

# ---- a long line ----
awk 'BEGIN { for (i = 0; i < 10000; i++) printf "dog "; print "." }' > "$scratch/long"
translate 0 --from en --to de -b 1 < "$scratch/long"
[ "$(wc -l < "$scratch/out")" -eq 1 ] || fail 'a long line is not one line'
grep -q 'line 1 is long: it was translated in [0-9]* parts' "$scratch/err" || fail 'nobody was told of the long line' "$(cat "$scratch/err")"

# ---- what is no text ----
printf 'a cat .\na dog .\nbad \377 byte\na man .\n' > "$scratch/bad"
refuse 1 'line 3, byte 5 (0xFF) is not UTF-8.*2 lines were translated' --from en --to de < "$scratch/bad"
[ "$(wc -l < "$scratch/out")" -eq 2 ] || fail 'the good lines before a bad one are missing'
translate 0 --from en --to de --replace-invalid < "$scratch/bad"
[ "$(wc -l < "$scratch/out")" -eq 4 ] || fail '--replace-invalid lost lines'
printf 'a\0cat\n' > "$scratch/bad"
refuse 1 'line 1, byte 2 is zero' --from en --to de < "$scratch/bad"
translate 0 --from en --to de --replace-invalid < "$scratch/bad"
awk 'BEGIN { for (i = 0; i < 125000; i++) printf "aaaaaaaa"; print "" }' > "$scratch/bad"
refuse 1 'line 1 has 1000000 bytes or more' --from en --to de < "$scratch/bad"

# ---- output that goes wrong ----
printf 'as it was\n' > "$scratch/kept"
printf 'a cat .\n\377\n' > "$scratch/bad"
refuse 1 'was not written' --from en --to de -o "$scratch/kept" < "$scratch/bad"
[ "$(cat "$scratch/kept")" = 'as it was' ] || fail 'a failed translation changed its output'
refuse 1 'cannot open' --from en --to de -o "$scratch/nowhere/file" < "$scratch/in"
if [ -c /dev/full ]; then
    got=0
    "$thor" translate -m "$scratch/run" --from en --to de < "$scratch/in" > /dev/full 2> "$scratch/err" || got=$?
    [ $got = 1 ] && [ "$(wc -l < "$scratch/err")" -eq 1 ] && grep -q 'standard output.*0 lines' "$scratch/err" ||
        fail "a full disk: exit $got" "$(cat "$scratch/err")"
fi
for i in 1 2 3 4 5 6 7 8; do cat "$scratch/in"; done > "$scratch/many"
{ got=0
  "$thor" translate -m "$scratch/run" --from en --to de --batch 1 -i "$scratch/many" 2> "$scratch/err" || got=$?
  echo $got > "$scratch/code"; } | sed -n 1q
[ "$(cat "$scratch/code")" = 1 ] && [ "$(wc -l < "$scratch/err")" -eq 1 ] && grep -q 'the reader closed it' "$scratch/err" ||
    fail "a reader that leaves: exit $(cat "$scratch/code")" "$(cat "$scratch/err")"

# ---- wrong words ----
refuse 2 'xx.*de, en, fr' --from en --to xx < "$scratch/in"
refuse 2 '--to is missing' --from en < "$scratch/in"
refuse 2 'choose one' --pairs --from en < "$scratch/in"
refuse 2 'one' --from en --to de --nbest 2 --scores < "$scratch/in"
refuse 2 'beam' --from en --to de --beam 65 < "$scratch/in"
refuse 2 'domain' --from en --to de --domain law < "$scratch/in"
refuse 1 'cannot open' --from en --to de -i "$scratch/nowhere" < "$scratch/in"
refuse 1 'no checkpoint' -m "$scratch/data" --from en --to de < "$scratch/in"
"$thor" translate --from en --to de < "$scratch/in" > "$scratch/out" 2> "$scratch/err"
[ $? = 2 ] || fail 'no model is no usage error'
translate 0 --from de --to fr < "$scratch/in"
grep -q 'not trained on de-fr' "$scratch/err" || fail 'a pair that was not trained is not told' "$(cat "$scratch/err")"
printf 'garbage' > "$scratch/run/best/vocab.model"
refuse 1 'vocab.model' --from en --to de < "$scratch/in"

exit $failed
